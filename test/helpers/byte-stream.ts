import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Address } from './address.ts';

const SILENCE_MS = 30_000;

/** How a connection was lost: what a client sees of a server's fault. */
export type Loss = 'refused' | 'reset' | 'empty' | 'cut' | 'silent';

export class ConnectionLost extends Error {
  readonly loss: Loss;

  constructor(loss: Loss, message: string) {
    super(message);
    this.name = 'ConnectionLost';
    this.loss = loss;
  }
}

/** A connection of which bytes are taken as they are wanted; what is not taken stays with the sender. */
export class ByteStream {
  readonly socket: Socket;
  /** All bytes that ever arrived. */
  received = 0;
  /** What has come and was not taken. Put together only when it is looked at: a large body comes in hundreds of pieces. */
  #pieces: Buffer[] = [];
  #size = 0;
  #tls: TLSSocket | undefined;
  #state: 'open' | 'ended' | ConnectionLost = 'open';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.once('end', () => {
      if (this.#state === 'open') this.#state = 'ended';
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#state = new ConnectionLost(error.code === 'ESILENT' ? 'silent' : 'reset', error.message);
    });
    // Not `socket.destroyed`, which is true before the error that did it has been told.
    socket.once('close', () => {
      if (this.#state === 'open') this.#state = 'ended';
    });
    socket.setTimeout(SILENCE_MS, () => {
      socket.destroy(Object.assign(new Error(`no byte for ${String(SILENCE_MS)} ms`), { code: 'ESILENT' }));
    });
  }

  static async open(address: Address): Promise<ByteStream> {
    // Half open, so that our own end does not wait for the server's.
    const socket = connect({ ...address, allowHalfOpen: true });
    const stream = new ByteStream(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => {
        reject(new ConnectionLost(/ECONNREFUSED|ENOENT/.test(error.code ?? '') ? 'refused' : 'reset', error.message));
      });
    });
    return stream;
  }

  /** The same over TLS, settled after the handshake. */
  static async openTls(address: Address, options: ConnectionOptions): Promise<ByteStream> {
    const socket = connectTls({ ...address, ALPNProtocols: ['http/1.1'], ...options });
    const stream = new ByteStream(socket);
    stream.#tls = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', (error: Error) => reject(new ConnectionLost('reset', error.message)));
      socket.once('close', () => reject(new ConnectionLost('empty', 'closed within the handshake')));
    });
    return stream;
  }

  /** What was agreed upon, where TLS is spoken. */
  get tls(): TLSSocket {
    if (this.#tls === undefined) throw new TypeError('no TLS is spoken here');
    return this.#tls;
  }

  write(bytes: Buffer | string): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Writes and waits until the kernel has taken it. */
  async written(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.socket.write(bytes, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** No more bytes from us. */
  finish(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }

  /** Everything up to and with this text. */
  async readUntil(text: string): Promise<Buffer> {
    for (let from = 0; ;) {
      const at = this.#pending.indexOf(text, from, 'latin1');
      if (at >= 0) return this.#take(at + text.length);
      from = Math.max(0, this.#size - text.length);
      if (!(await this.#fill())) throw this.#ended();
    }
  }

  async readExactly(size: number): Promise<Buffer> {
    while (this.#size < size) {
      if (!(await this.#fill())) throw this.#ended();
    }
    return this.#take(size);
  }

  /** The next bytes, at least one; none at the end. */
  async readSome(): Promise<Buffer> {
    if (this.#size === 0) await this.#fill();
    return this.#take(this.#size);
  }

  /** All that comes until the server closes. */
  async readToEnd(): Promise<Buffer> {
    while (await this.#fill());
    return this.#take(this.#size);
  }

  get #pending(): Buffer {
    const [first = Buffer.alloc(0), ...others] = this.#pieces;
    if (others.length === 0) return first;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }

  #take(size: number): Buffer {
    const pending = this.#pending;
    this.#pieces = size < pending.length ? [pending.subarray(size)] : [];
    this.#size -= size;
    return pending.subarray(0, size);
  }

  #ended(): ConnectionLost {
    if (this.#state instanceof ConnectionLost && this.#size === 0) return this.#state;
    if (this.#size === 0) return new ConnectionLost('empty', 'the server closed the connection without a byte');
    return new ConnectionLost('cut', `the server closed the connection after ${this.#pending.toString('latin1', 0, 200)}`);
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const chunk = this.socket.read() as Buffer | null;
      if (chunk) {
        this.received += chunk.length;
        this.#pieces.push(chunk);
        this.#size += chunk.length;
        return true;
      }
      if (this.#state instanceof ConnectionLost) throw this.#state;
      if (this.#state === 'ended') return false;
      await this.#somethingHappens();
    }
  }

  async #somethingHappens(): Promise<void> {
    const events = ['readable', 'end', 'error', 'close'];
    await new Promise<void>((resolve) => {
      const happened = () => {
        for (const event of events) this.socket.off(event, happened);
        resolve();
      };
      for (const event of events) this.socket.on(event, happened);
    });
  }
}
