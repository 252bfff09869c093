import type { Socket } from 'node:net';

/** One read brings so much at most. */
const SIZE = 256 * 1024;

/** The native side of a socket, as far as it is used here. */
interface Handle {
  readonly useUserBuffer?: (memory: Uint8Array) => void;
}

/** What the option `onread` of net.Socket sets. */
interface Onread {
  readonly memory: symbol;
  readonly callback: symbol;
}

/** For all sockets: what was read is gone when the callback returns. */
let memory: Buffer | undefined;

/**
 * From now on what comes on this socket is read into the same memory again and again, and `take` is given it in place of the listeners to `data`;
 * the memory is only lent until `take` returns. Node takes 64 KiB of fresh memory for each read otherwise, which costs as much as reading them.
 *
 * That is what net.Socket's option `onread` does, which there is no way to give for the sockets of a server. So its parts are looked for where
 * that option puts them, and where Node has them elsewhere all stays as it was.
 *
 * @returns whether it is so
 */
export function borrowReads(socket: Socket, take: (chunk: Buffer) => void): boolean {
  const { _handle: handle } = socket as Socket & { readonly _handle?: Handle | null };
  const onread = partsOf(socket);
  if (typeof handle?.useUserBuffer !== 'function' || !onread || socket.readableLength > 0) return false;
  const lent = (memory ??= Buffer.allocUnsafeSlow(SIZE));
  const callback = (size: number): boolean => {
    take(lent.subarray(0, size));
    // Whoever wants no more of it has paused the socket, which stops reading.
    return true;
  };
  Object.assign(socket, { [onread.memory]: lent, [onread.callback]: callback });
  handle.useUserBuffer(lent);
  return true;
}

function partsOf(socket: Socket): Onread | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const named = (name: string) => symbols.find(({ description }) => description === name);
  const [memory, callback] = [named('kBuffer'), named('kBufferCb')];
  return memory && callback && { memory, callback };
}
