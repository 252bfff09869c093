/** A statistics document that came from elsewhere: of tsuwsgi, of uWSGI, of whoever answers at that address. */
import { conform, FIGURES, isRecord } from './conform.ts';
import { STATUS_CLASSES } from './distributions.ts';
import type { AnyStatsDocument, ApplicationStats, AppStats, CoreStats, GatewayStats, SocketStats, WorkerStats } from './document.ts';
import type { Latency } from './latency-window.ts';
import type { ReloadFigures } from './reload-record.ts';
import { RESTART_REASONS } from './restarts.ts';

/** So much of a strange answer is shown. */
const EXCERPT = 40;

/**
 * The document in a text, each figure a number and each name a string. What is missing or of another type is 0 or empty; what a
 * document may lack and does is left out, as is what is not known here.
 *
 * @throws RangeError that says what the text is, when it is no document
 */
export function receiveDocument(text: string): AnyStatsDocument {
  const { kind, value } = recognise(text);
  if (kind === 'emperor') throw new RangeError('the statistics of an emperor; its vassals have their own');
  return conform(value, DOCUMENT, OPTIONAL) as AnyStatsDocument;
}

/**
 * Makes sure that a text tells of a server or of an emperor.
 *
 * @throws RangeError that says what the text is, when it does not
 */
export function checkDocument(text: string): void {
  recognise(text);
}

function recognise(text: string): { readonly kind: 'server' | 'emperor'; readonly value: unknown } {
  const value = parse(text);
  if (isRecord(value) && Array.isArray(value['workers'])) return { kind: 'server', value };
  if (isRecord(value) && 'vassals' in value) return { kind: 'emperor', value };
  throw new RangeError('JSON that is no statistics');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replaceAll(CONTROL_CHARACTERS, escape));
  } catch {
    throw new RangeError(text.trim() === '' ? 'nothing' : `no JSON: ${JSON.stringify(text.trim().slice(0, EXCERPT))}`);
  }
}

// eslint-disable-next-line no-control-regex -- they are what this is about
const CONTROL_CHARACTERS = /[\u0000-\u001f]/g;

/** uWSGI puts what clients said between quotes as it came, where JSON allows none of these; elsewhere blanks do as well. */
function escape(character: string): string {
  return /\s/.test(character) ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// An example of each kind of object: its keys and their types are what is asked of those that come.

const APP: AppStats = { id: 0, modifier1: 0, mountpoint: '', startup_time: 0, requests: 0, exceptions: 0, chdir: '' };

const CORE: CoreStats = {
  id: 0,
  requests: 0,
  static_requests: 0,
  routed_requests: 0,
  offloaded_requests: 0,
  write_errors: 0,
  read_errors: 0,
  in_request: 0,
  vars: [''],
  req_info: {},
};

const WORKER: WorkerStats = {
  id: 0,
  pid: 0,
  accepting: 0,
  requests: 0,
  delta_requests: 0,
  exceptions: 0,
  harakiri_count: 0,
  signals: 0,
  signal_queue: 0,
  status: 'idle',
  rss: 0,
  vsz: 0,
  running_time: 0,
  last_spawn: 0,
  respawn_count: 0,
  tx: 0,
  avg_rt: 0,
  apps: [APP],
  cores: [CORE],
};

const SOCKET: SocketStats = { name: '', proto: 'http', queue: 0, max_queue: 0, shared: 0, can_offload: 0 };

const LATENCY: Latency = { seconds: 0, requests: 0, p50: 0, p90: 0, p99: 0 };

const RESPONSES = noneOf(STATUS_CLASSES);
const RESTARTS = noneOf(RESTART_REASONS);

const APPLICATION: ApplicationStats = {
  mountpoint: '',
  mountpoints: [''],
  workers: 0,
  busy: 0,
  requests: 0,
  exceptions: 0,
  responses: RESPONSES,
  tx: 0,
  rss: 0,
  latency: LATENCY,
  queue: 0,
  queue_age_ms: 0,
};

const GATEWAY: GatewayStats = {
  pid: 0,
  rss: 0,
  vsz: 0,
  connections: 0,
  static_requests: 0,
  routed_requests: 0,
  other_requests: 0,
  offloaded_requests: 0,
  refused: 0,
  responses: RESPONSES,
  tx: 0,
  waiting: LATENCY,
  processes: [{ pid: 0, rss: 0, connections: 0 }],
};

const RELOADS: ReloadFigures = { done: 0, failed: 0 };

const DOCUMENT: AnyStatsDocument = {
  version: '',
  listen_queue: 0,
  listen_queue_errors: 0,
  signal_queue: 0,
  load: 0,
  pid: 0,
  uid: 0,
  gid: 0,
  cwd: '',
  locks: [FIGURES],
  sockets: [SOCKET],
  workers: [WORKER],
};

/** What they may lack. */
const OPTIONAL = new Map<object, object>([
  [
    DOCUMENT,
    {
      state: '',
      started_at: 0,
      latency: LATENCY,
      responses: RESPONSES,
      applications: [APPLICATION],
      gateway: GATEWAY,
      restarts: RESTARTS,
      reloads: RELOADS,
      log: { dropped: 0 },
    } satisfies Partial<Record<keyof AnyStatsDocument, unknown>>,
  ],
  [SOCKET, { queue_limit: 0, queue_age_ms: 0 } satisfies Partial<SocketStats>],
  [CORE.req_info, { request_start: 0, age_ms: 0 } satisfies CoreStats['req_info']],
  [RELOADS, { last: { at: 0, ok: true, seconds: 0, error: '' } } satisfies Partial<ReloadFigures>],
]);

function noneOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
