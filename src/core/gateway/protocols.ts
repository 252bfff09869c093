import type { Socket } from 'node:net';
import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import type { CgiTerms } from '../protocol/cgi/terms.ts';
import { CgiVariables } from '../protocol/cgi/variables.ts';
import { HeadReader } from '../protocol/http/head-reader.ts';
import { RequestHeadParser } from '../protocol/http/request-head.ts';
import { ScgiReader } from '../protocol/scgi/request-reader.ts';
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

export function speak({ protocol, option }: GatewayListener, { bufferSize }: GatewaySettings): Speech {
  if (protocol === 'http') return speakHttp(new RequestHeadParser(bufferSize, marshalKey));
  const terms: CgiTerms = {
    limit: bufferSize,
    form: option.includes('nph') ? 'nph' : 'parsed',
    variables: new CgiVariables(protocol, marshalKey),
  };
  return {
    serve: (socket, door) =>
      protocol === 'scgi' ? new Connection(socket, door, new ScgiReader(terms)) : new FastcgiConnection(socket, door, terms),
    follow: (settings) => {
      terms.limit = settings.bufferSize;
    },
  };
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
