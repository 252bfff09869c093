import { readFileSync } from 'node:fs';

/**
 * The most connections that the system lets a listening socket hold, whatever listen(2) asks for; undefined where it does not tell.
 * On Linux it is the same figure for TCP and for Unix sockets (net/socket.c, __sys_listen).
 */
export function listenLimit(path = '/proc/sys/net/core/somaxconn'): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // not Linux
  }
}
