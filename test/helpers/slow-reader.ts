/** Clients that ask for a large answer and take their time to read it. */
import { createHash, type Hash } from 'node:crypto';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { Address } from './address.ts';
import type { ByteStream } from './byte-stream.ts';
import { FCGI } from './fastcgi.ts';
import { asking, connect, type Protocol } from './large-bodies.ts';
import type { Scope } from './scope.ts';

const PIECE = Buffer.from(Array.from({ length: 65_536 }, (_, at) => at % 256));

/** What download.py sends of so many megabytes, as a digest. */
export function digestOfDownload(megabytes: number): string {
  const hash = createHash('sha256');
  for (let nth = 0; nth < megabytes * 16; nth++) hash.update(PIECE);
  return hash.digest('hex');
}

/** Has asked download.py for so many megabytes, and has the head of the answer; the rest it reads when it is told to. */
export class SlowReader {
  readonly stream: ByteStream;
  readonly #protocol: Protocol;
  /** What came of the body together with the head. */
  readonly #rest: Buffer;

  private constructor(stream: ByteStream, protocol: Protocol, rest: Buffer) {
    this.stream = stream;
    this.#protocol = protocol;
    this.#rest = rest;
  }

  static async open(scope: Scope, { protocol, address, megabytes }: { protocol: Protocol; address: Address; megabytes: number }) {
    const stream = await connect(scope, address);
    stream.write(asking(protocol, `/?${String(megabytes)}`));
    if (protocol !== 'fastcgi') {
      await stream.readUntil('\r\n\r\n');
      return new SlowReader(stream, protocol, Buffer.alloc(0));
    }
    const { content } = await nextRecord(stream);
    return new SlowReader(stream, protocol, content.subarray(content.indexOf('\r\n\r\n') + 4));
  }

  /** Reads on to the end, and gives the digest of the body. */
  async digest(): Promise<string> {
    const hash = createHash('sha256').update(this.#rest);
    if (this.#protocol === 'http') await this.#readChunks(hash);
    else if (this.#protocol === 'fastcgi') await this.#readRecords(hash);
    else for (let piece = await this.stream.readSome(); piece.length > 0; piece = await this.stream.readSome()) hash.update(piece);
    return hash.digest('hex');
  }

  async #readChunks(hash: Hash): Promise<void> {
    for (;;) {
      const size = parseInt((await this.stream.readUntil('\r\n')).toString('latin1'), 16);
      const bytes = await this.stream.readExactly(size + 2);
      if (size === 0) return;
      hash.update(bytes.subarray(0, size));
    }
  }

  async #readRecords(hash: Hash): Promise<void> {
    for (;;) {
      const { type, content } = await nextRecord(this.stream);
      if (type === FCGI.endRequest) return;
      hash.update(content);
    }
  }
}

async function nextRecord(stream: ByteStream): Promise<{ type: number; content: Buffer }> {
  const head = await stream.readExactly(8);
  const size = head.readUInt16BE(4);
  const content = await stream.readExactly(size + head.readUInt8(6));
  return { type: head.readUInt8(1), content: content.subarray(0, size) };
}

/** What a process has written so far: to files, sockets and pipes (proc(5), io). */
export function writtenBy(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(join('/proc', String(pid), 'io'), 'latin1'))?.[1]);
}
