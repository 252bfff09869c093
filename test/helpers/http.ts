import type { ConnectionOptions } from 'node:tls';
import type { Address } from './address.ts';
import { ByteStream, ConnectionLost } from './byte-stream.ts';

/** A response with nothing interpreted away: the head as it came, headers in order and in their own case. */
export interface HttpResponse {
  /** Status line and headers, without the empty line. */
  readonly head: string;
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly text: string;
  /** What told where the body ends. */
  readonly framing: 'length' | 'chunked' | 'close' | 'none';
  /** The chunks as the server cut them; none unless chunked. */
  readonly chunks: readonly string[];
  /** The value of a header, all of them joined by `, ` when there are several. */
  readonly header: (name: string) => string | undefined;
}

export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly version?: string;
  /** What to speak TLS with, if it is spoken. */
  readonly tls?: ConnectionOptions;
}

/** A client connection that speaks HTTP and hides nothing. */
export class HttpConnection {
  readonly stream: ByteStream;
  readonly #asked: string[] = [];

  private constructor(stream: ByteStream) {
    this.stream = stream;
  }

  /** @param tls what to speak TLS with, if it is spoken */
  static async open(address: Address, tls?: ConnectionOptions): Promise<HttpConnection> {
    return new HttpConnection(await (tls === undefined ? ByteStream.open(address) : ByteStream.openTls(address, tls)));
  }

  /** Sends a request; the response may be read later, so that several can be on their way. */
  send(path: string, { method = 'GET', headers = {}, body, version = 'HTTP/1.1' }: HttpRequest = {}): void {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const all: Record<string, string> = { Host: 'test.example', ...(bytes ? { 'Content-Length': String(bytes.length) } : {}), ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#asked.push(method);
    this.stream.write(
      Buffer.concat([Buffer.from(`${method} ${path} ${version}\r\n${lines.join('')}\r\n`, 'latin1'), bytes ?? Buffer.alloc(0)]),
    );
  }

  /** Sends these bytes as they are. Each method named is one response to expect. */
  sendRaw(bytes: string | Buffer, ...methods: string[]): void {
    this.#asked.push(...methods);
    this.stream.write(bytes);
  }

  /** The next response, whole. */
  async response(): Promise<HttpResponse> {
    const head = await this.responseHead();
    return withBody(head, await this.#readBody(head));
  }

  /** The head of the next response; the body is left to the caller. */
  async responseHead(): Promise<HttpResponse> {
    const bytes = await this.stream.readUntil('\r\n\r\n');
    return parseHead(bytes.toString('latin1', 0, bytes.length - 4), this.#asked.shift() ?? 'GET');
  }

  async request(path: string, request: HttpRequest = {}): Promise<HttpResponse> {
    this.send(path, request);
    return this.response();
  }

  close(): void {
    this.stream.close();
  }

  async #readBody(head: HttpResponse): Promise<{ body: Buffer; chunks: string[] }> {
    try {
      return await this.#readFramed(head);
    } catch (error) {
      // The head had come, so this is never an empty reply.
      if (error instanceof ConnectionLost && error.loss === 'empty')
        throw new ConnectionLost('cut', 'the connection ended before the body');
      throw error;
    }
  }

  async #readFramed({ framing, header }: HttpResponse): Promise<{ body: Buffer; chunks: string[] }> {
    switch (framing) {
      case 'none':
        return { body: Buffer.alloc(0), chunks: [] };
      case 'length':
        return { body: await this.stream.readExactly(Number(header('content-length'))), chunks: [] };
      case 'close':
        return { body: await this.stream.readToEnd(), chunks: [] };
      case 'chunked': {
        const chunks: Buffer[] = [];
        for (let chunk = await this.readChunk(); chunk.length > 0; chunk = await this.readChunk()) chunks.push(chunk);
        return { body: Buffer.concat(chunks), chunks: chunks.map(String) };
      }
    }
  }

  /** One chunk of a chunked body; empty for the last. */
  async readChunk(): Promise<Buffer> {
    const size = parseInt((await this.stream.readUntil('\r\n')).toString('latin1'), 16);
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    const bytes = await this.stream.readExactly(size + 2);
    if (bytes.toString('latin1', size) !== '\r\n') throw new Error('a chunk does not end where it says');
    return bytes.subarray(0, size);
  }
}

/** One request on a connection of its own. */
export async function fetchOnce(address: Address, path: string, request: HttpRequest = {}): Promise<HttpResponse> {
  const connection = await HttpConnection.open(address, request.tls);
  try {
    return await connection.request(path, { ...request, headers: { Connection: 'close', ...request.headers } });
  } finally {
    connection.close();
  }
}

/** Sends bytes, if there are any, and returns every byte that comes back until the server closes. */
export async function exchange(address: Address, bytes: string | Buffer): Promise<Buffer> {
  const stream = await ByteStream.open(address);
  try {
    if (bytes.length > 0) stream.write(bytes);
    return await stream.readToEnd();
  } finally {
    stream.close();
  }
}

/** Parses what `exchange` returned for one request. */
export function parseResponse(bytes: Buffer): HttpResponse {
  if (bytes.length === 0) throw new ConnectionLost('empty', 'the server closed the connection without a byte');
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) throw new ConnectionLost('cut', `no whole head in ${JSON.stringify(bytes.toString('latin1'))}`);
  const body = bytes.subarray(end + 4);
  const response = withBody(parseHead(bytes.toString('latin1', 0, end), 'GET'), { body, chunks: [] });
  const promised = response.header('content-length');
  if (promised !== undefined && body.length < Number(promised))
    throw new ConnectionLost('cut', `${String(body.length)} of ${promised} bytes`);
  return response;
}

function parseHead(head: string, method: string): HttpResponse {
  const [statusLine = '', ...lines] = head.split('\r\n');
  const { version = '', status = '', reason = '' } = /^(?<version>\S+) (?<status>\d{3}) ?(?<reason>.*)$/.exec(statusLine)?.groups ?? {};
  if (version === '') throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  const header = (name: string) => {
    const values = headers.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const response = { head, version, status: Number(status), reason, headers, header, body: Buffer.alloc(0), text: '', chunks: [] };
  return { ...response, framing: framingOf(method, response.status, header) };
}

// RFC 9112, section 6.3: in this order.
function framingOf(method: string, status: number, header: (name: string) => string | undefined): HttpResponse['framing'] {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none';
  if (header('transfer-encoding')?.toLowerCase() === 'chunked') return 'chunked';
  return header('content-length') === undefined ? 'close' : 'length';
}

function withBody(response: HttpResponse, { body, chunks }: { body: Buffer; chunks: string[] }): HttpResponse {
  return { ...response, body, chunks, text: body.toString('utf8') };
}
