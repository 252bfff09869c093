import type { Socket } from 'node:net';
import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import { CgiVariables } from '../protocol/cgi/variables.ts';
import { HeadReader } from '../protocol/http/head-reader.ts';
import { RequestHeadParser } from '../protocol/http/request-head.ts';
import type { RequestReader } from '../protocol/request-reader.ts';
import { ScgiReader } from '../protocol/scgi/request-reader.ts';
import { UwsgiReader } from '../protocol/uwsgi/request-reader.ts';
import { marshalKey } from '../wire/marshal.ts';
import { Connection } from './connection.ts';
import type { ClientConnection, Door } from './door.ts';
import { FastcgiConnection } from './fastcgi-connection.ts';

/** What a listener speaks. */
export interface Speech {
  /** Serves a client that has connected. */
  serve(socket: Socket, door: Door): ClientConnection;
  /** Goes by these settings from now on, also on connections that are there. */
  follow(settings: GatewaySettings): void;
}

export function speak({ protocol, option }: GatewayListener, { bufferSize, maxVariables }: GatewaySettings): Speech {
  if (protocol === 'http') return speakHttp(new RequestHeadParser(bufferSize, marshalKey));
  const terms: CgiTerms = {
    limit: bufferSize,
    maxVariables,
    form: option.includes('nph') ? 'nph' : 'parsed',
    variables: new CgiVariables(protocol, marshalKey),
  };
  return {
    serve: (socket, door) =>
      protocol === 'fastcgi' ? new FastcgiConnection(socket, door, terms) : new Connection(socket, door, readerOf(protocol, terms)),
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
    serve: (socket, door) => new Connection(socket, door, new HeadReader(parser)),
    follow: ({ bufferSize }) => {
      parser.limit = bufferSize;
    },
  };
}

/** How long a client may keep us waiting, in milliseconds: one of HTTP may be anybody, behind the others is a web server. */
export function timeoutOf({ protocol }: GatewayListener, { socketTimeoutMs, cgiTimeoutMs }: GatewaySettings): number {
  return protocol === 'http' ? socketTimeoutMs : cgiTimeoutMs;
}
