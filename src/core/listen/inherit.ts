import { fstatSync } from 'node:fs';
import { DescriptorError } from '../errors/listen.ts';
import type { Address } from '../options/address.ts';
import type { BoundSocket } from './bound-socket.ts';

/** systemd hands its sockets over from this descriptor on (sd_listen_fds(3)). */
const LISTEN_FDS_START = 3;

/**
 * Takes a listening socket that whoever started us left open: `fd://N`.
 *
 * @throws DescriptorError when nothing, or no socket, is open as that descriptor.
 */
export function inheritDescriptor({ fd, text }: Extract<Address, { kind: 'fd' }>): BoundSocket {
  let isSocket: boolean;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch {
    throw new DescriptorError(text, `descriptor ${fd} is not open`);
  }
  if (!isSocket) throw new DescriptorError(text, `descriptor ${fd} is not a socket`);
  return { fd, handle: undefined, name: text, port: undefined, file: undefined };
}

/**
 * The descriptors that systemd passed to this very process, in order (LISTEN_FDS and LISTEN_PID).
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 */
export function socketsFromSystemd(environment: NodeJS.ProcessEnv, pid: number): readonly number[] {
  if (environment['LISTEN_PID'] !== String(pid)) return [];
  const count = Number(environment['LISTEN_FDS'] ?? 0);
  return Number.isInteger(count) && count > 0 ? Array.from({ length: count }, (_, index) => LISTEN_FDS_START + index) : [];
}
