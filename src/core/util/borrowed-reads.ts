import type { Socket } from 'node:net';

/** The native side of a socket, as far as it is used here. */
interface Handle {
  readonly useUserBuffer?: (memory: Uint8Array) => void;
}

/** Where net.Socket keeps what its option `onread` says. */
interface Places {
  readonly kBuffer: symbol;
  readonly kBufferGen: symbol;
  readonly kBufferCb: symbol;
}

/** Whose memory it is that a socket is read into. */
export interface Lender {
  /** Where the next bytes go. */
  memory(): Buffer;
  /** These have come, in the memory that was given last. */
  take(chunk: Buffer): void;
}

/**
 * From now on what comes on this socket is read into the memory of a lender, which may be the same again and again, and not told to the listeners to
 * `data`. Node takes 64 KiB of fresh memory for each read otherwise, which costs as much as reading them.
 *
 * That is what net.Socket's option `onread` does, which there is no way to give for the sockets of a server. So its parts are looked for where
 * that option puts them, and where Node has them elsewhere all stays as it was.
 *
 * @returns whether it is so
 */
export function borrowReads(socket: Socket, lender: Lender): boolean {
  const { _handle: handle } = socket as Socket & { readonly _handle?: Handle | null };
  const places = placesIn(socket);
  if (typeof handle?.useUserBuffer !== 'function' || !places || socket.readableLength > 0) return false;
  const memory = lender.memory();
  const callback = (size: number, into: Buffer): boolean => {
    lender.take(into.subarray(0, size));
    // Whoever wants no more of it has paused the socket, which stops reading.
    return true;
  };
  Object.assign(socket, { [places.kBuffer]: memory, [places.kBufferGen]: () => lender.memory(), [places.kBufferCb]: callback });
  handle.useUserBuffer(memory);
  return true;
}

let known: Places | undefined;

/** The same in all sockets. */
function placesIn(socket: Socket): Places | undefined {
  return (known ??= findPlaces(socket));
}

function findPlaces(socket: Socket): Places | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const [kBuffer, kBufferGen, kBufferCb] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
    symbols.find(({ description }) => description === name),
  );
  return kBuffer && kBufferGen && kBufferCb && { kBuffer, kBufferGen, kBufferCb };
}
