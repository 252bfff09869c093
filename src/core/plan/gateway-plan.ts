import type { RequestLogSettings } from '../log/format.ts';
import type { NamedApplication } from './named-application.ts';
import type { FileSettings } from './file-settings.ts';
import type { ErrorPages, HeaderChanges, RoutingSettings } from './routing-settings.ts';
import type { protocolOf, SocketOption } from './socket-option.ts';
import type { Credentials } from './tls.ts';
import type { TracingSettings } from './tracing.ts';

/** What a gateway is told to do: plain data, sent to its process as the first message. */
export interface GatewayPlan extends GatewaySettings {
  /** Which of several gateways it is, from 1 on; undefined where it is the only one. */
  readonly number: number | undefined;
  /** What its process is called; undefined leaves it its command line. */
  readonly processName: string | undefined;
  readonly listeners: readonly GatewayListener[];
  /** Descriptor of the bound private socket to which the workers' slots connect. */
  readonly slotsFd: number;
  /** The scoreboard file: tells whether a dead worker had begun a request. */
  readonly scoreboard: { readonly path: string; readonly slots: number };
  /** Where it counts lines that the log did not take: in the place behind these. */
  readonly lineBuffers: { readonly path: string; readonly slots: number };
}

/** What a gateway goes by; a reload may change all of it. */
export interface GatewaySettings {
  /** Connections that the kernel may hold for us; listen(2). */
  readonly backlog: number;
  /** Largest request head, in bytes. */
  readonly bufferSize: number;
  /** Largest body of a request, in bytes; 0 means no limit. */
  readonly limitPost: number;
  /** The largest number of variables in a uwsgi packet; 0 for any. */
  readonly maxVariables: number;
  /** A request may run this long, in milliseconds; 0 means for ever. */
  readonly harakiriMs: number;
  /** A request may take this long from its arrival to the end of its response, in milliseconds; 0 means for ever. */
  readonly httpHarakiriMs: number;
  /** How long a client may keep us waiting for its next bytes, in milliseconds. */
  readonly socketTimeoutMs: number;
  /** How long the head of a request may take over HTTP, in milliseconds. */
  readonly headTimeoutMs: number;
  /** `socketTimeoutMs` where a web server speaks FastCGI or SCGI. */
  readonly cgiTimeoutMs: number;
  /** How long a connection may stay idle between two requests, in milliseconds. */
  readonly keepAliveMs: number;
  /** How long clients may take for their responses once it is to stop, in milliseconds. */
  readonly mercyMs: number;
  /** Connections of clients that there may be; 0 where descriptors alone bound them. */
  readonly maxConnections: number;
  /** The kernel asks silent clients over TCP whether they are still there. */
  readonly tcpKeepAlive: boolean;
  /** A body above so many bytes waits in a file for its worker; 0 where it goes to its worker as it comes. */
  readonly bodyMemory: number;
  /** So many bytes of a response may be in a file until its client reads them; 0 where its worker waits instead. */
  readonly responseKept: number;
  /** The same for all responses together. */
  readonly responsesKept: number;
  /** Where those files are; undefined for TMPDIR. */
  readonly bodyDirectory: string | undefined;
  readonly sites: SitesSettings;
  /** Requests that may wait for a free slot, for each site. */
  readonly queueLimit: number;
  /** How long one of them may wait, in milliseconds; 0 means for ever. */
  readonly queueTimeoutMs: number;
  /** Requests sent ahead to one slot: 0 lets the depth adapt. */
  readonly prefetch: number;
  /** Whether requests that it answers itself have a line in the log. */
  readonly logRequests: boolean;
  readonly requestLog: RequestLogSettings;
  /** Their lines go into a pipe of their own in the runtime directory. */
  readonly requestLogApart: boolean;
  readonly files: FileSettings;
  readonly routing: RoutingSettings;
  /** What happens to the headers of its own answers; those of applications have been seen to by the workers. */
  readonly headers: HeaderChanges;
  readonly errorPages: ErrorPages;
  /** Where spans of requests go; undefined where none are made. */
  readonly tracing: TracingSettings | undefined;
}

/** Which applications there are, and which of them a request is for. */
export interface SitesSettings {
  /** More than one site only where requests have to be looked at. */
  readonly mounted: readonly { readonly mountpoint: string; readonly site: string }[];
  /** The mountpoint is what PATH_INFO begins with; otherwise the web server says it in SCRIPT_NAME. */
  readonly managesScriptName: boolean;
  /** SCRIPT_NAME does not count. */
  readonly ignoresScriptName: boolean;
  /** A request that is for none of those may name its application itself. */
  readonly isDynamic: boolean;
  /** The site of requests that are for none; undefined where those are answered 500. */
  readonly otherwise: string | undefined;
}

/** One address on which a gateway hears clients. */
export interface GatewayListener {
  /** A bound socket that nobody listens on yet. */
  readonly fd: number;
  /** The address as the logs show it. */
  readonly name: string;
  readonly protocol: ReturnType<typeof protocolOf>;
  /** What made it: `http` (uWSGI's router) and `http-socket` differ in a few environ keys, `nph` in how a response begins. */
  readonly option: SocketOption;
  /** SERVER_NAME of the requests that come in here. */
  readonly serverName: string;
  /** SERVER_PORT of the requests that come in here: the bound port, "80" for a Unix socket as in uWSGI. */
  readonly serverPort: string;
  /** Where its bytes are encrypted. */
  readonly tls?: Credentials;
  /** A load balancer in front says in the PROXY protocol who each client is; nobody else is heard. */
  readonly proxyProtocol?: true;
}

/** What the master tells a gateway. */
export type GatewayCommand =
  | { readonly type: 'configure'; readonly plan: GatewayPlan }
  /** No new requests for this worker's slots, those included that connect later. */
  | ({ readonly type: 'retire' } & SeatHolder)
  | { readonly type: 'settings'; readonly settings: GatewaySettings }
  /** Listens on one more address, on the socket that comes along. Its `fd` means nothing here. */
  | { readonly type: 'open'; readonly listener: GatewayListener }
  /** Listens no more on the address of this name; its clients have their responses first. */
  | { readonly type: 'close'; readonly name: string }
  /** The address of this name has other certificates, for clients who come from now on. */
  | { readonly type: 'renew'; readonly name: string; readonly tls: Credentials }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  /** Knock, once, when a request for this site waits for a slot: there is no worker. */
  | { readonly type: 'watch'; readonly site: string }
  /** Answer all that wait for this site now with this status; the reason goes to the log. */
  | ({ readonly type: 'refuse' } & Refusal)
  /** The master does not know this site any more: tell it when it is wanted again. */
  | { readonly type: 'forget'; readonly site: string }
  | ({ readonly type: 'lend' } & Loan)
  | { readonly type: 'reopen-log'; readonly path: string }
  | { readonly type: 'probe' }
  | { readonly type: 'stop'; readonly how: 'gracefully' | 'now' };

/** A slot of a site that goes to another gateway. */
export interface Loan {
  readonly site: string;
  /** The number of the other gateway. */
  readonly to: number;
  /** It has no slot at all, and requests wait there: any will do, not only one that nobody needs here. */
  readonly isUrgent: boolean;
}

/** What those who wait for a site are told in the place of its answer. */
export interface Refusal {
  readonly site: string;
  readonly status: number;
  readonly reason: string;
}

/** A worker of a site, by its place in the scoreboard. */
export interface SeatHolder {
  readonly site: string;
  readonly seat: number;
  readonly pid: number;
}

/** The requests that wait for a slot. */
export interface QueueState {
  readonly length: number;
  /** How long the oldest of them has waited, in whole milliseconds; 0 when there is none. */
  readonly ageMs: number;
}

/** Those for the applications of one site. */
export interface SiteQueue extends QueueState {
  readonly site: string;
}

/** Requests wait for a site in one gateway. */
export interface Shortage {
  readonly site: string;
  /** It has no slot of that site. */
  readonly isBare: boolean;
}

/** Requests wait in this slot for one that takes long: what it has not begun is to come back. */
export interface Holdup {
  /** Of the worker: its place in the scoreboard. */
  readonly seat: number;
  readonly core: number;
}

/** What a gateway has done since it is there. */
export interface GatewayFigures {
  /** Clients that are connected now. */
  readonly connections: number;
  /** Answers of its own: files, those that rules wanted, and all others. */
  readonly answers: { readonly file: number; readonly rule: number; readonly other: number };
  /** These by class of status: what is none, 1xx … 5xx. */
  readonly responses: readonly number[];
  /** Files that a worker named and it sent. */
  readonly offloaded: number;
  /** Bytes of its own answers, heads included. */
  readonly bytes: number;
  /** Requests for which the queue had no room, or that have waited there too long. */
  readonly refused: number;
  /** Requests by how long they waited until they were sent to a worker, in the classes of times of the statistics. */
  readonly waiting: readonly number[];
  /** Microseconds that all of them have waited. */
  readonly waitedUs: number;
}

/** What a gateway tells the master. */
export type GatewayReport =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'queues'; readonly queues: readonly SiteQueue[] }
  | { readonly type: 'figures'; readonly figures: GatewayFigures }
  | { readonly type: 'alive' }
  /** It listens on the address of this name, or has said in the log why it cannot. */
  | { readonly type: 'opened'; readonly name: string }
  /** Requests name an application of which the master does not know. */
  | { readonly type: 'wanted'; readonly application: NamedApplication }
  /** All slots of a site that it has are busy, or it has none, and requests wait. Told again as long as it is so. */
  | ({ readonly type: 'short' } & Shortage)
  /** It was told to watch, and a request waits. */
  | { readonly type: 'knock'; readonly site: string }
  | ({ readonly type: 'held-up' } & Holdup)
  | { readonly type: 'stopped' };

/** That it cannot be made, or not listen, and why. */
export function failed(error: unknown): GatewayReport {
  return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
}
