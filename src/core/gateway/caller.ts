import type { Socket } from 'node:net';
import { isRouter, type SocketOption } from '../plan/socket-option.ts';
import { marshalKey } from '../wire/marshal.ts';
import type { EnvironPair } from './door.ts';

const REMOTE_ADDRESS = marshalKey('REMOTE_ADDR');
const REMOTE_PORT = marshalKey('REMOTE_PORT');

/** A client that has connected: its bytes, and what is known of it before its first request. */
export interface Caller {
  /** Its bytes in clear. */
  readonly socket: Socket;
  /** The connection of the kernel, which can be reset; the same where nothing is encrypted. */
  readonly transport: Socket;
  /** Where it comes from; empty for one on a Unix socket. */
  readonly address: string;
  /** What it adds to the environ of each of its requests. */
  readonly variables: readonly EnvironPair[];
  /** Whether what it has shown in its handshake is enough for this host; undefined where all hosts let in the same clients. */
  readonly letsInFor?: (host: string) => boolean;
}

/** @param option of the address where it has connected */
export function callerOn(socket: Socket, option: SocketOption): Caller {
  return callerFrom(socket, { address: remoteAddress(socket), port: isRouter(option) ? socket.remotePort : undefined });
}

/** A client of whom somebody else has said who it is. */
export function callerFrom(socket: Socket, { address, port }: { address: string; port: number | undefined }): Caller {
  const variables: EnvironPair[] = [[REMOTE_ADDRESS, address]];
  if (port !== undefined) variables.push([REMOTE_PORT, String(port)]);
  return { socket, transport: socket, address, variables };
}

function remoteAddress({ remoteAddress: address = '' }: Socket): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
