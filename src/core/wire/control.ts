/**
 * The control channel between the master and each Python process: one JSON object a line over a private Unix socket.
 * The twin is python/tsuwsgi/control.py.
 *
 *     spawner  hello ─▶ ◀─ configure   listening ─▶ ◀─ load   (warming ─▶) loaded | failed ─▶   ◀─ fork, reopen-log   forked, exited ─▶   ◀─ stop
 *              before load, while the server sleeps: ◀─ refuse, watch   knock ─▶
 *     worker   hello ─▶ ready | failed ─▶ ◀─ serve   replace, reload, stop ─▶ ◀─ retire, gateway-stopped | stop
 *              register, alarm, signal, exception ─▶   ◀─ signal
 *              at any time: ◀─ pause, resume, interrupt, hand-back, reopen-log   ◀─ show  shown ─▶   ◀─ stacks, environs   stacks, environs ─▶   workers ─▶  ◀─ workers
 *
 * `gateway-stopped` follows `retire` when the whole server ends: no gateway will close the slots' connections any more.
 * The end of the channel means that the other side is gone: for a Python process that its master died.
 */
import type { Socket } from 'node:net';
import type { SpawnerConfig } from './spawner-config.ts';

/** What a spawner or a worker says. */
export type ControlReport =
  | {
      readonly type: 'hello';
      readonly role: 'spawner';
      readonly generation: number;
      readonly pid: number;
      readonly python: string;
      readonly executable: string;
    }
  | {
      readonly type: 'hello';
      readonly role: 'worker';
      readonly generation: number;
      readonly pid: number;
      readonly seat: number;
      readonly worker: number;
    }
  /** Its direct sockets are open; it has imported nothing yet. */
  | { readonly type: 'listening' }
  /** A client waits at a direct door. */
  | { readonly type: 'knock' }
  /** The applications are imported and asked for their warm-ups, for so many seconds at most if they let themselves be interrupted. */
  | { readonly type: 'warming'; readonly seconds: number }
  | {
      readonly type: 'loaded';
      readonly seconds: number;
      readonly names: readonly string[];
      readonly times: readonly number[];
      readonly signals: readonly SignalWord[];
    }
  | { readonly type: 'failed'; readonly reason: string; readonly status: number }
  | { readonly type: 'forked'; readonly seat: number; readonly pid: number }
  | { readonly type: 'exited'; readonly seat: number; readonly pid: number; readonly status: number | null; readonly signal: number | null }
  | { readonly type: 'ready' }
  /** It was told to retire, and its slots accept no more connections. */
  | { readonly type: 'retired' }
  /** Asked for by the application; or, with the time of the edit that the worker has noticed, by `py-autoreload`. */
  | { readonly type: 'reload'; readonly because: string; readonly editedAt?: string }
  /** The application wants the server to end. */
  | { readonly type: 'stop'; readonly because: string }
  /** The application wants to know of all workers. */
  | { readonly type: 'workers' }
  | { readonly type: 'stacks'; readonly text: string }
  | ExceptionReport
  | ShownReport
  | { readonly type: 'environs'; readonly environs: readonly RunningEnviron[] }
  | SignalWord
  /** The application wants the handler of this signal run. */
  | { readonly type: 'signal'; readonly number: number }
  /** The handler of this signal runs now; null when it has ended. */
  | { readonly type: 'handles'; readonly number: number | null }
  | { readonly type: 'replace'; readonly why: 'signal' }
  /** One of its limits is reached; the reason completes "worker 1 …". */
  | { readonly type: 'replace'; readonly why: 'limit'; readonly limit: 'max-requests' | 'memory'; readonly reason: string };

/** Which request something is told of; its texts as latin-1, as the client said them, and cut. */
interface RequestReport {
  readonly core: number;
  /** The mountpoint. */
  readonly application: string;
  readonly method: string;
  readonly uri: string;
}

/** The application has raised. Few of them are told when many come. */
export interface ExceptionReport extends RequestReport {
  readonly type: 'exception';
  /** Seconds since the epoch. */
  readonly at: number;
  readonly error: string;
  readonly traceback: string;
  /** How many before this one were not told. */
  readonly untold: number;
}

/** The answer to `show`, where the request still ran. */
export interface ShownReport extends RequestReport {
  readonly type: 'shown';
  readonly startedAt: number;
  readonly stack: string;
}

/** What an application has registered: the handler of a signal, or what is to raise it. */
export type SignalWord =
  /** @param target uWSGI's word for who runs the handler: "" and "worker" for any worker, "workers" for all, "worker2" */
  | { readonly type: 'register'; readonly number: number; readonly target: string }
  | { readonly type: 'alarm'; readonly number: number; readonly alarm: Alarm };

/** A request that runs. */
export interface RunningEnviron {
  readonly core: number;
  /** Microseconds, as in the scoreboard. */
  readonly startedAt: number;
  /** KEY=VALUE, as far as they are the client's or the web server's. */
  readonly variables: readonly string[];
}

/** What raises a signal. */
export type Alarm =
  /** So many times; 0 or nothing means for ever. */
  | { readonly kind: 'timer'; readonly seconds: number; readonly iterations?: number }
  | {
      readonly kind: 'cron';
      readonly minute: number;
      readonly hour: number;
      readonly day: number;
      readonly month: number;
      readonly weekday: number;
    }
  /** The file or directory has changed. */
  | { readonly kind: 'file'; readonly path: string };

/** What the master says to a spawner or a worker. */
export type ControlCommand =
  | ({ readonly type: 'configure' } & SpawnerConfig)
  /** Import the application. */
  | { readonly type: 'load' }
  /** Knock, once, when a client waits at a direct door. */
  | { readonly type: 'watch' }
  /** Answer 503 to whoever waits there now. */
  | { readonly type: 'refuse' }
  | { readonly type: 'fork'; readonly seat: number; readonly worker: number }
  | { readonly type: 'serve' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** For a spawner as well: the log goes on in what is at this path now. */
  | { readonly type: 'reopen-log'; readonly path: string }
  | { readonly type: 'stacks' }
  | { readonly type: 'environs' }
  /** Run the handler of this signal. */
  | { readonly type: 'signal'; readonly number: number }
  /** The workers and metrics of the statistics document, and how many requests wait in the gateway. */
  | { readonly type: 'workers'; readonly workers: readonly object[]; readonly metrics: object; readonly queued: number }
  /** Writes the stack of the request that a slot began then, by the microsecond, to the log, and tells it with `shown`. */
  | { readonly type: 'show'; readonly core: number; readonly startedAt: number }
  /** Ends that request, if the application can be reached. */
  | { readonly type: 'interrupt'; readonly core: number; readonly startedAt: number }
  /** Gives back to the gateway what it has sent to this slot and the slot has not begun, if the application runs there. */
  | { readonly type: 'hand-back'; readonly core: number }
  | { readonly type: 'retire' }
  /** Before `retire`, when the server ends: nobody takes the direct doors over, so whoever waits at them now is served. */
  | { readonly type: 'clear-doors' }
  | { readonly type: 'gateway-stopped' }
  | { readonly type: 'stop' };

export type Hello = Extract<ControlReport, { type: 'hello' }>;

/** A longer line is not one of ours. */
const LINE_LIMIT = 1 << 20;

/** The master's end of a control channel. */
export interface ControlChannel {
  /** Set by whoever owns the channel; a report that comes before is lost, so set it at once. */
  onReport: (report: ControlReport) => void;
  onEnd: () => void;
  /** Sends a command; says nothing when the process is already gone, since its end is reported by `onEnd`. */
  send(command: ControlCommand): void;
  close(): void;
}

/** A control channel over a Unix socket. */
export class SocketChannel implements ControlChannel {
  readonly #socket: Socket;
  #pending = '';
  onReport: (report: ControlReport) => void = () => undefined;
  onEnd: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#receive(text));
    // A reset is an end like any other: the process on the other side was killed.
    socket.on('error', () => undefined);
    socket.on('close', () => this.onEnd());
  }

  send(command: ControlCommand): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(command)}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    if (this.#pending.length > LINE_LIMIT) this.close();
    for (const line of lines) this.onReport(JSON.parse(line) as ControlReport);
  }
}
