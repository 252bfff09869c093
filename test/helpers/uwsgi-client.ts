import type { Address } from './address.ts';
import { ByteStream } from './byte-stream.ts';
import { parseResponse, type HttpResponse } from './http.ts';

export interface UwsgiRequest {
  readonly method?: string;
  readonly body?: Buffer | string;
  /** More variables, or others in place of ours. */
  readonly vars?: Readonly<Record<string, string>>;
}

/** One request over the uwsgi protocol, as nginx sends it. */
export async function uwsgiRequest(address: Address, path: string, request: UwsgiRequest = {}): Promise<HttpResponse> {
  return parseResponse(await uwsgiExchange(address, uwsgiMessage(path, request)));
}

/** The bytes of a request: packet and body. */
export function uwsgiMessage(path: string, { method = 'GET', body = '', vars = {} }: UwsgiRequest = {}): Buffer {
  const bytes = Buffer.from(body);
  const [pathInfo = '', query = ''] = path.split('?');
  const packet = uwsgiPacket({
    QUERY_STRING: query,
    REQUEST_METHOD: method,
    CONTENT_TYPE: '',
    CONTENT_LENGTH: bytes.length === 0 ? '' : String(bytes.length),
    REQUEST_URI: path,
    PATH_INFO: pathInfo,
    DOCUMENT_ROOT: '/srv',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_SCHEME: 'http',
    REMOTE_ADDR: '192.0.2.7',
    REMOTE_PORT: '40001',
    SERVER_PORT: '80',
    SERVER_NAME: 'test.example',
    HTTP_HOST: 'test.example',
    ...vars,
  });
  return Buffer.concat([packet, bytes]);
}

/** `| modifier1 u8 | size u16le | modifier2 u8 | (length u16le, bytes)* |`; the texts travel as UTF-8. */
export function uwsgiPacket(vars: Readonly<Record<string, string>>): Buffer {
  const block = Buffer.concat(Object.entries(vars).flatMap(([name, value]) => [string(name), string(value)]));
  const head = Buffer.alloc(4);
  head.writeUInt16LE(block.length, 1);
  return Buffer.concat([head, block]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(bytes.length);
  return Buffer.concat([size, bytes]);
}

/** Sends bytes to a uwsgi door and returns all that comes back until it closes. */
export async function uwsgiExchange(address: Address, bytes: Buffer): Promise<Buffer> {
  const stream = await ByteStream.open(address);
  try {
    stream.write(bytes);
    return await stream.readToEnd();
  } finally {
    stream.close();
  }
}
