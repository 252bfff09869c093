import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ProxiedClient } from '../../src/core/protocol/proxy/header.ts';
import type { Address } from './address.ts';
import { ByteStream } from './byte-stream.ts';

/** Each request is a file of raw bytes beside one of what is expected; see test/fixtures/requests/README.md. */
const REQUESTS = 'test/fixtures/requests';

export interface ValidRequest {
  readonly environ: Readonly<Record<string, string>>;
  readonly isPersistent: boolean;
  readonly body?: string;
  readonly rest?: string;
}

export interface InvalidRequest {
  readonly status: number;
  readonly message: string;
}

export interface ValidPacket {
  readonly environ: Readonly<Record<string, string>>;
  readonly body: string;
  /** More follows than belongs to it. The server closes over that, so dealt out slowly it may cost the answer. */
  readonly hasSurplus?: true;
}

export interface InvalidPacket {
  /** What the line in the log holds. */
  readonly log: string;
  /** The status of the answer, empty where there is none. */
  readonly answer: string;
}

/** What came of one request of several: what the application saw of it, or how it ended without an answer. */
export type RecordsAnswer = Seen | { readonly protocolStatus: number };

/** What an application sees of a request. */
export interface Seen {
  readonly environ: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ValidRecords {
  /** By the ids of the requests. */
  readonly answers: Readonly<Record<string, RecordsAnswer>>;
  /** Records of the server about itself, which come first. */
  readonly management?: readonly { readonly type: number; readonly content: string }[];
  readonly endsConnection?: true;
}

export interface ValidProxyHeader {
  readonly client: ProxiedClient;
}

export interface InvalidProxyHeader {
  readonly message: string;
}

interface Expectations {
  readonly http: { readonly valid: ValidRequest; readonly invalid: InvalidRequest };
  readonly uwsgi: { readonly valid: ValidPacket; readonly invalid: InvalidPacket };
  readonly fastcgi: { readonly valid: ValidRecords; readonly invalid: InvalidPacket };
  readonly scgi: { readonly valid: Seen; readonly invalid: InvalidPacket };
  readonly proxy: { readonly valid: ValidProxyHeader; readonly invalid: InvalidProxyHeader };
}

export interface RequestFixture<Expected> {
  readonly name: string;
  readonly bytes: Buffer;
  readonly expected: Expected;
}

/** The requests of one folder, by name. */
export function requestFixtures<Protocol extends keyof Expectations, Folder extends keyof Expectations[Protocol]>(
  protocol: Protocol,
  folder: Folder & string,
): RequestFixture<Expectations[Protocol][Folder]>[] {
  const path = `${REQUESTS}/${protocol}/${folder}`;
  const files = readdirSync(path).filter((file) => file.endsWith(`.${protocol}`));
  return files.map((file) => {
    const name = file.slice(0, -protocol.length - 1);
    const expected = JSON.parse(readFileSync(`${path}/${name}.json`, 'utf8')) as Expectations[Protocol][Folder];
    return { name, bytes: readFileSync(`${path}/${file}`), expected };
  });
}

export function eachByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

/** How the bytes of a request come. */
export const DEALS = ['whole', 'byte by byte'] as const;

type Deal = (typeof DEALS)[number];

/** A connection on which these bytes are on their way; the server may have closed it, or answered, before the last of them. */
export function sendDealt(address: Address, bytes: Buffer, deal: Deal): Promise<ByteStream> {
  return send(address, dealt(bytes, deal), ({ socket }) => !socket.writable || socket.readableLength > 0);
}

/** The same for who goes on after an answer, since there is more to be asked. */
export function sendAllDealt(address: Address, bytes: Buffer, deal: Deal): Promise<ByteStream> {
  return send(address, dealt(bytes, deal), ({ socket }) => !socket.writable);
}

function dealt(bytes: Buffer, deal: Deal): readonly Buffer[] {
  return deal === 'whole' ? [bytes] : eachByte(bytes);
}

async function send(address: Address, pieces: readonly Buffer[], isOver: (stream: ByteStream) => boolean): Promise<ByteStream> {
  const stream = await ByteStream.open(address);
  stream.socket.setNoDelay(true);
  for (const piece of pieces) {
    if (isOver(stream)) break;
    stream.write(piece);
    if (pieces.length > 1) await setImmediate();
  }
  return stream;
}

/** All that comes back; a reset is as good as an end. */
export async function answerOn(stream: ByteStream): Promise<Buffer> {
  try {
    return await stream.readToEnd();
  } catch {
    return Buffer.alloc(0);
  } finally {
    stream.close();
  }
}
