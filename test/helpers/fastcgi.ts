import { Buffer } from 'node:buffer';
import type { Address } from './address.ts';
import { ByteStream } from './byte-stream.ts';
import { parseResponse, type HttpResponse } from './http.ts';

/** The types of records by their names in the specification. */
export const FCGI = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const;

export interface FcgiRecord {
  readonly type: number;
  readonly id: number;
  readonly content: Buffer;
}

/** How a request ended. */
export interface FcgiAnswer {
  /** All of its STDOUT. */
  readonly stdout: Buffer;
  readonly protocolStatus: number;
  readonly applicationStatus: number;
}

export interface FcgiRequest {
  readonly id?: number;
  readonly role?: number;
  readonly keepsConnection?: boolean;
  readonly vars?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

// eslint-disable-next-line max-params -- what a record has
export function fcgiRecord(type: number, id: number, content: Buffer | string = '', padding = 0): Buffer {
  const bytes = Buffer.from(content);
  const head = Buffer.from([1, type, id >> 8, id & 0xff, bytes.length >> 8, bytes.length & 0xff, padding, 0]);
  return Buffer.concat([head, bytes, Buffer.alloc(padding, 0xee)]);
}

export function fcgiBegin(id: number, { role = 1, keepsConnection = true }: Pick<FcgiRequest, 'role' | 'keepsConnection'> = {}): Buffer {
  return fcgiRecord(FCGI.beginRequest, id, Buffer.from([role >> 8, role & 0xff, keepsConnection ? 1 : 0, 0, 0, 0, 0, 0]));
}

/** Names and values; `isLong` writes every length in four bytes. */
export function fcgiPairs(vars: Readonly<Record<string, string>>, isLong = false): Buffer {
  const length = (size: number) => {
    if (size < 128 && !isLong) return Buffer.of(size);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(size + 2 ** 31);
    return bytes;
  };
  return Buffer.concat(
    Object.entries(vars).flatMap(([name, value]) => [length(name.length), length(value.length), Buffer.from(name + value, 'latin1')]),
  );
}

/** The variables that every web server sends. */
export function fcgiVars(path: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [pathInfo = '', query = ''] = path.split('?');
  return { REQUEST_METHOD: 'GET', REQUEST_URI: path, PATH_INFO: pathInfo, QUERY_STRING: query, SERVER_PROTOCOL: 'HTTP/1.1', ...more };
}

/** A request up to the end of its PARAMS. */
export function fcgiHead(path: string, { id = 1, vars = {}, ...beginning }: FcgiRequest = {}): Buffer {
  return Buffer.concat([
    fcgiBegin(id, beginning),
    fcgiRecord(FCGI.params, id, fcgiPairs(fcgiVars(path, vars))),
    fcgiRecord(FCGI.params, id),
  ]);
}

/** A whole request. */
export function fcgiMessage(path: string, request: FcgiRequest = {}): Buffer {
  const { id = 1, vars = {} } = request;
  const body = Buffer.from(request.body ?? '');
  const length = body.length === 0 ? {} : { CONTENT_LENGTH: String(body.length) };
  const pieces = Array.from({ length: Math.ceil(body.length / 32_768) }, (_, index) =>
    fcgiRecord(FCGI.stdin, id, body.subarray(index * 32_768, (index + 1) * 32_768)),
  );
  return Buffer.concat([fcgiHead(path, { ...request, vars: { ...length, ...vars } }), ...pieces, fcgiRecord(FCGI.stdin, id)]);
}

/** A web server's connection, which hides nothing. */
export class FastcgiClient {
  readonly stream: ByteStream;
  readonly #stdout = new Map<number, Buffer[]>();

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async open(address: Address): Promise<FastcgiClient> {
    return new FastcgiClient(await ByteStream.open(address));
  }

  /** Over a connection on which something has been sent. */
  static over(stream: ByteStream): FastcgiClient {
    return new FastcgiClient(stream);
  }

  write(...bytes: Buffer[]): void {
    this.stream.write(Buffer.concat(bytes));
  }

  send(path: string, request: FcgiRequest = {}): void {
    this.write(fcgiMessage(path, request));
  }

  async record(): Promise<FcgiRecord> {
    const head = await this.stream.readExactly(8);
    const size = head.readUInt16BE(4);
    const content = await this.stream.readExactly(size + (head[6] ?? 0));
    return { type: head[1] ?? 0, id: head.readUInt16BE(2), content: content.subarray(0, size) };
  }

  /** The next request that ends, whichever it is. */
  async nextAnswer(): Promise<FcgiAnswer & { readonly id: number }> {
    for (;;) {
      const { type, id, content } = await this.record();
      const pieces = this.#stdout.get(id) ?? [];
      this.#stdout.set(id, pieces);
      if (type === FCGI.stdout) pieces.push(content);
      else if (type === FCGI.endRequest) {
        this.#stdout.delete(id);
        const [applicationStatus, protocolStatus] = [content.readUInt32BE(0), content.readUInt8(4)];
        return { id, stdout: Buffer.concat(pieces), applicationStatus, protocolStatus };
      } else throw new Error(`a record of type ${String(type)}`);
    }
  }

  /** The next response, which must be a whole one. */
  async response(): Promise<HttpResponse> {
    return cgiResponse((await this.nextAnswer()).stdout);
  }

  async request(path: string, request: FcgiRequest = {}): Promise<HttpResponse> {
    this.send(path, request);
    return this.response();
  }

  close(): void {
    this.stream.close();
  }
}

/** Reads "Status: 200 OK" and what follows as a response. */
export function cgiResponse(bytes: Buffer): HttpResponse {
  return parseResponse(Buffer.from(bytes.toString('latin1').replace(/^Status: /, 'CGI '), 'latin1'));
}
