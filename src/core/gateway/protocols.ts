import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import type { Credentials } from '../plan/tls.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import { CgiVariables } from '../protocol/cgi/variables.ts';
import { HeadReader } from '../protocol/http/head-reader.ts';
import { RequestHeadParser } from '../protocol/http/request-head.ts';
import type { RequestReader } from '../protocol/request-reader.ts';
import { ScgiReader } from '../protocol/scgi/request-reader.ts';
import { UwsgiReader } from '../protocol/uwsgi/request-reader.ts';
import { marshalKey } from '../wire/marshal.ts';
import { Connection } from './connection.ts';
import { FastcgiConnection } from './fastcgi-connection.ts';
import { Encryption } from './encryption.ts';
import { Http2Connection } from './http2-connection.ts';
import { Proxied } from './proxied.ts';
import type { Speech } from './speech.ts';

export function speak(listener: GatewayListener, settings: GatewaySettings): Speech {
  const speech = listener.tls === undefined ? speakInClear(listener, settings) : speakOverTls(listener.tls, settings);
  return listener.proxyProtocol ? new Proxied(speech) : speech;
}

/** Only HTTP is spoken over TLS, and the client may choose which. */
function speakOverTls(tls: Credentials, { bufferSize }: GatewaySettings): Speech {
  const http1 = speakHttp(new RequestHeadParser(bufferSize, marshalKey));
  return new Encryption({ http1, http2: speakHttp2(new RequestHeadParser(bufferSize, marshalKey, 'HTTP/2')) }, tls);
}

function speakInClear({ protocol, option }: GatewayListener, { bufferSize, maxVariables }: GatewaySettings): Speech {
  if (protocol === 'http') return speakHttp(new RequestHeadParser(bufferSize, marshalKey));
  const terms: CgiTerms = {
    limit: bufferSize,
    maxVariables,
    form: option.includes('nph') ? 'nph' : 'parsed',
    variables: new CgiVariables(protocol, marshalKey),
  };
  return {
    serve: (caller, door) =>
      protocol === 'fastcgi' ? new FastcgiConnection(caller, door, terms) : new Connection(caller, door, readerOf(protocol, terms)),
    follow: (settings) => {
      terms.limit = settings.bufferSize;
      terms.maxVariables = settings.maxVariables;
    },
  };
}

function readerOf(protocol: 'scgi' | 'uwsgi', terms: CgiTerms): RequestReader {
  return protocol === 'scgi' ? new ScgiReader(terms) : new UwsgiReader(terms);
}

function speakHttp(parser: RequestHeadParser): Speech {
  return {
    serve: (caller, door) => new Connection(caller, door, new HeadReader(parser)),
    follow: ({ bufferSize }) => {
      parser.limit = bufferSize;
    },
  };
}

function speakHttp2(parser: RequestHeadParser): Speech {
  return {
    serve: (caller, door) => new Http2Connection(caller, door, parser),
    follow: ({ bufferSize }) => {
      parser.limit = bufferSize;
    },
  };
}

/** How long a client may keep us waiting, in milliseconds: one of HTTP may be anybody, behind the others is a web server. */
export function timeoutOf({ protocol }: GatewayListener, { socketTimeoutMs, cgiTimeoutMs }: GatewaySettings): number {
  return protocol === 'http' ? socketTimeoutMs : cgiTimeoutMs;
}

/** The same for the whole head of a request. */
export function headTimeoutOf({ protocol }: GatewayListener, { headTimeoutMs, cgiTimeoutMs }: GatewaySettings): number {
  return protocol === 'http' ? headTimeoutMs : cgiTimeoutMs;
}
