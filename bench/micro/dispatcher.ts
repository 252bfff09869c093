import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { BodyStore } from '../../src/core/gateway/body-store.ts';
import { callerFrom } from '../../src/core/gateway/caller.ts';
import { Connection } from '../../src/core/gateway/connection.ts';
import { Counters } from '../../src/core/gateway/counters.ts';
import { Deadlines } from '../../src/core/gateway/deadlines.ts';
import type { Destination } from '../../src/core/gateway/destination.ts';
import { Dispatcher } from '../../src/core/gateway/dispatcher.ts';
import type { Door } from '../../src/core/gateway/door.ts';
import { type Client, Exchange } from '../../src/core/gateway/exchange.ts';
import { Oddities } from '../../src/core/gateway/oddities.ts';
import { HeadReader } from '../../src/core/protocol/http/head-reader.ts';
import { RequestHeadParser } from '../../src/core/protocol/http/request-head.ts';
import { Response } from '../../src/core/protocol/http/response.ts';
import { OWN_MEMORY } from '../../src/core/protocol/response.ts';
import { buildFrame, stampFrame } from '../../src/core/wire/frames.ts';
import { marshalKey, MarshalWriter } from '../../src/core/wire/marshal.ts';
import { encodeRequest, KIND, REQUEST_FLAG, REQUEST_ROOM } from '../../src/core/wire/messages.ts';
import { Slot } from '../../src/core/workers/slot.ts';
import { ANSWER, BUFFER_SIZE, CONSTANT_PART, SMALLEST } from './requests.ts';
import type { Piece } from './stopwatch.ts';

/** Requests that are on their way at the same time. */
const CLIENTS = 32;
/** As many at a slot as an application gets that is fast. */
const DEEP = CLIENTS / 2;

const PLAN = { queueLimit: CLIENTS, harakiriMs: 0, httpHarakiriMs: 0, queueTimeoutMs: 0 };
const SETTINGS = { bodyMemory: 256 * 1024, bodyDirectory: undefined, responseKept: 0, responsesKept: 0 };
const QUIET = (): void => undefined;
const CLOCK = {
  get now() {
    return performance.now();
  },
};

/** What the gateway does with a request, without the kernel: the sockets on both sides take everything, and bring what they are told to. */
export function dispatcherPieces(): readonly Piece[] {
  return [
    dispatched('a request to a slot that is free, and its answer', { slots: 2, depth: DEEP }),
    dispatched(`a request that waits in the queue, to the slot that gets free, and its answer`, { slots: 1, depth: 1 }),
    served('all of a hello world over HTTP in the gateway, without system calls'),
  ];
}

function dispatched(name: string, sizes: { readonly slots: number; readonly depth: number }): Piece {
  const workers = new Workers(sizes);
  const client = silentClient();
  const environ = new MarshalWriter(REQUEST_ROOM);
  environ.begin(CONSTANT_PART);
  const frame = encodeRequest(environ, REQUEST_FLAG.complete);
  const run = async (): Promise<void> => {
    for (let nth = 0; nth < CLIENTS; nth++) workers.dispatcher.submit(new Exchange(client, frame));
    workers.answer();
    await setImmediate();
  };
  return { name, run, operations: CLIENTS };
}

function served(name: string): Piece {
  const workers = new Workers({ slots: 2, depth: DEEP });
  const door = doorTo(workers.dispatcher);
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  const sockets = Array.from({ length: CLIENTS }, () => new SilentSocket());
  for (const socket of sockets) new Connection(callerFrom(socket, { address: '192.0.2.7', port: undefined }), door, new HeadReader(parser));
  const run = async (): Promise<void> => {
    for (const socket of sockets) socket.emit('data', SMALLEST);
    workers.answer();
    await setImmediate();
  };
  return { name, run, operations: CLIENTS };
}

/** Takes everything at once, and nothing of it goes anywhere. */
class SilentSocket extends Socket {
  override write(): boolean {
    return true;
  }
}

/** A dispatcher with its slots, whose other ends answer when they are told to. */
class Workers {
  readonly dispatcher: Dispatcher;
  readonly #slots: readonly { readonly slot: Slot; readonly socket: SilentSocket; readonly answers: Buffer }[];

  constructor({ slots, depth }: { readonly slots: number; readonly depth: number }) {
    const ports = {
      lastStarted: () => ({ requestId: 0, deadlineMs: 0 }),
      log: QUIET,
      counters: new Counters(),
      knock: QUIET,
      bare: QUIET,
      askBack: QUIET,
    };
    this.dispatcher = new Dispatcher({ ...PLAN, prefetch: depth }, ports);
    this.#slots = Array.from({ length: slots }, (_, core) => {
      const socket = new SilentSocket();
      const slot = new Slot(socket, () => this.dispatcher, CLOCK);
      const name = { site: '', generation: 1, seat: 0, worker: 1, core, pid: 12 };
      socket.emit('data', buildFrame({ id: 0, kind: KIND.hello, flags: 0, extra: 0 }, Buffer.from(JSON.stringify(name))));
      return { slot, socket, answers: Buffer.concat(Array<Buffer>(depth).fill(ANSWER)) };
    });
  }

  /** Answers all requests, those as well that get to a slot only now. */
  answer(): void {
    for (const { slot, socket, answers } of this.#slots) {
      while (slot.used > 0) {
        let end = 0;
        for (const { id } of slot.requests) {
          stampFrame(answers.subarray(end), id);
          end += ANSWER.length;
        }
        socket.emit('data', answers.subarray(0, end));
      }
    }
  }
}

function silentClient(): Client {
  return {
    isPersistent: true,
    bodies: new BodyStore(SETTINGS, Infinity, { tell: QUIET }),
    counters: new Counters(),
    respond: (isPersistent) => new Response({ minor: 1, isHead: false, isPersistent }),
    write: QUIET,
    writeAll: QUIET,
    memory: OWN_MEMORY,
    isBehind: false,
    inform: QUIET,
    responded: QUIET,
    cut: QUIET,
    wanted: QUIET,
    release: QUIET,
    unwanted: QUIET,
    answered: QUIET,
    replaced: QUIET,
    log: QUIET,
  };
}

function doorTo(workers: Destination): Door {
  return {
    listener: { fd: -1, name: '', protocol: 'http', option: 'http-socket', serverName: 'www.example.org', serverPort: '8000' },
    constants: [
      [marshalKey('SCRIPT_NAME'), ''],
      [marshalKey('SERVER_NAME'), 'www.example.org'],
      [marshalKey('SERVER_PORT'), '8000'],
    ],
    environ: new MarshalWriter(REQUEST_ROOM),
    workers,
    receivers: undefined,
    deadlines: new Deadlines(1000, QUIET),
    bodies: new BodyStore(SETTINGS, Infinity, { tell: QUIET }),
    counters: new Counters(),
    socketTimeoutMs: 60_000,
    headTimeoutMs: 60_000,
    keepAliveMs: 60_000,
    limitPost: 0,
    log: QUIET,
    oddities: new Oddities('', { now: () => 0, log: QUIET, quietMs: 60_000 }),
    isStopping: () => false,
    closed: QUIET,
    becomes: QUIET,
  };
}
