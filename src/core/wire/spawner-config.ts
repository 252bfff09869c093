import type { RequestLogSettings } from '../log/format.ts';
import type { SharedConfig } from './shared-config.ts';

/** What a spawner is told before it imports the application: plain data, the first message on its control channel. */
export interface SpawnerConfig {
  /** The applications, as the gateway knows them. */
  readonly site: string;
  /** Version of tsuwsgi: `uwsgi.version` in the environ. */
  readonly version: string;
  /** Host name: `uwsgi.node` in the environ. */
  readonly node: string;
  /** Empty with `need-app = false` and none named: every request is answered 500. */
  readonly applications: readonly MountedApplication[];
  /** SCRIPT_NAME is the mountpoint that PATH_INFO begins with, which is cut off there. */
  readonly manageScriptName: boolean;
  /** Requests outside all mountpoints are for the application without one, or the first; else they are answered 404. */
  readonly hasDefault: boolean;
  /** Each worker imports the application itself. */
  readonly lazy: boolean;
  /** What the applications are asked for before the workers are forked, or in each that imports them itself, and how many seconds that may take in all. */
  readonly warmup: { readonly requests: readonly Warmup[]; readonly seconds: number };
  /** A worker looks every so many seconds for changed files of the application and asks for a reload; 0 means never. */
  readonly autoReload: { readonly seconds: number; readonly ignore: readonly string[] };
  /** No application is a failure (exit status 22) instead of a 500 for each request. */
  readonly needApp: boolean;
  readonly processes: number;
  readonly threads: number;
  /** A worker asks for its successor after so many requests; 0 means never. */
  readonly maxRequests: number;
  /** So many more for each worker id. */
  readonly maxRequestsDelta: number;
  /** A worker asks for its successor when it is larger than so many bytes after a request; 0 means never. */
  readonly reloadOn: { readonly rss: number; readonly as: number };
  /** RLIMIT_AS of the spawner and its workers in bytes; 0 means none. */
  readonly limitAsBytes: number;
  /** Their RLIMIT_NPROC; 0 means none. */
  readonly limitProcesses: number;
  /** Folders, or patterns for them; what is first here is last on Python's path. */
  readonly pythonPath: readonly string[];
  /** sys.executable, if it is not to be the interpreter. */
  readonly executable: string | null;
  /** sys.argv behind "uwsgi". */
  readonly arguments: readonly string[];
  /** Names in sys.modules, each for a module or a file. */
  readonly aliases: readonly (readonly [name: string, location: string])[];
  /** Modules or files that the spawner imports, also when each worker loads the application. */
  readonly sharedImports: readonly string[];
  /** Modules or files that are imported before the applications. */
  readonly imports: readonly string[];
  /** Where the applications run, if not where they were loaded. */
  readonly directoryAfter: string | null;
  /** Where the slots find the gateways; empty when no socket of the plan needs one. */
  readonly gatewaySockets: readonly string[];
  /** The uwsgi sockets on which the slots accept themselves, by inherited descriptor. */
  readonly directSockets: readonly { readonly fd: number; readonly name: string }[];
  readonly backlog: number;
  /** Largest uwsgi packet in bytes. */
  readonly bufferSize: number;
  /** Largest body of a request in bytes; 0 means no limit. */
  readonly limitPost: number;
  /** How many variables a uwsgi packet may have; 0 means as many as there is room for. */
  readonly maxVariables: number;
  readonly socketTimeoutSeconds: number;
  /** The kernel asks silent clients over TCP whether they are still there. */
  readonly tcpKeepAlive: boolean;
  /** A worker reads bodies whole before the application runs: to a file from so many bytes on, in blocks of this size. A threshold of 0 means no. */
  readonly postBuffering: { readonly threshold: number; readonly blockSize: number };
  readonly logRequests: boolean;
  /** How they are logged, and which of them where the others are not. */
  readonly requestLog: RequestLogSettings;
  /** Their lines go into a pipe of their own in the runtime directory. */
  readonly requestLogApart: boolean;
  /** How what the application writes tells which worker and request it is of. */
  readonly logAttribution: LogAttribution;
  readonly exceptions: ExceptionRules;
  /** Bytes of stack for each thread of the server's but the first; 0 leaves that to the system. */
  readonly threadStackBytes: number;
  /** What happens to the headers of every response: lines that are added, names that are removed from what the application gives. */
  readonly headers: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Files in the place of the server's own pages, by status. */
  readonly errorPages: { readonly '404': readonly string[]; readonly '500': readonly string[] };
  /** How long a worker may go on with what it runs when the master has died. */
  readonly orphanSeconds: number;
  readonly scoreboard: { readonly path: string };
  /** Where lines about requests wait to be written. */
  readonly lineBuffers: { readonly path: string };
  readonly hooks: PythonHooks;
  /** How its processes are called; null leaves them their command lines. */
  readonly names: { readonly name?: string | undefined; readonly prefix: string; readonly suffix: string } | null;
  /** The pid of the master, or 0 without one: `uwsgi.masterpid()`. */
  readonly masterPid: number;
  /** `uwsgi.opt` */
  readonly options: WrittenOptions;
  /** `uwsgi.magic_table`, by letter. */
  readonly magic: Readonly<Record<string, string>>;
  /** Folders of which the application may name a file in X-Sendfile; their real paths. */
  readonly sentFolders: readonly string[];
  /** A request may run this long; 0 means for ever. */
  readonly harakiriMs: number;
  /** User locks besides the first: `uwsgi.lock()`. */
  readonly locks: number;
  /** Caches and metrics. */
  readonly shared: SharedConfig;
}

/** A label before each line, an object for it, or nothing. */
export type LogAttribution = 'text' | 'json' | 'off';

/** What follows when the application raises an exception, besides its traceback in the log. */
export interface ExceptionRules {
  /** The client gets a page that tells of it. */
  readonly areShown: boolean;
  /** Its worker is replaced after the answer: for any, or for those of a type, with a message, or with both in the form "ValueError: message". */
  readonly reload: {
    readonly any: boolean;
    readonly types: readonly string[];
    readonly values: readonly string[];
    readonly reprs: readonly string[];
  };
}

/** One of the applications of a server. */
export interface MountedApplication {
  /** Its place in the configuration, from 0 on: the log's `app`. */
  readonly number: number;
  /** The path below which it is, "/shop"; empty for the server's own. */
  readonly mountpoint: string;
  readonly source: ApplicationSource;
  /** The name to look up in the module: "app", "factory()"; null means "application". Of Paste, a section; null means the one of the URI. */
  readonly callable: string | null;
}

/** A request of the server's own. */
export interface Warmup {
  /** As the user wrote it. */
  readonly text: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Percent-encoded, with the query. */
  readonly target: string;
  /** The number of the application that it is for. */
  readonly application: number;
  /** The path, decoded: a character for each byte. */
  readonly scriptName: string;
  readonly pathInfo: string;
}

/** Every option as somebody wrote it, in order; true for a flag of the command line without a value. */
export type WrittenOptions = readonly (readonly [name: string, value: string | true])[];

/** The moments of the spawner and its workers; `-once`: not again in a worker that replaces another one of its generation. */
type PythonMoment = 'pre-app' | 'post-app' | 'post-fork' | 'accepting' | 'accepting-once' | 'accepting1' | 'accepting1-once';

/** What is done at each of them, in order. */
export type PythonHooks = Readonly<Record<PythonMoment, readonly PythonHookStep[]>>;

interface PythonHookStep {
  /** The option that asks for it, and its value: what the log shows. */
  readonly option: string;
  readonly text: string;
  readonly action: string;
  readonly words: readonly string[];
}

/** Where an application is: a file, as of `--wsgi-file`, a module, the code itself, or what PasteDeploy makes one of. */
export type ApplicationSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'module'; readonly name: string }
  | { readonly kind: 'eval'; readonly code: string }
  /** With `isLogged`, its file sets logging up as well. */
  | { readonly kind: 'paste'; readonly uri: string; readonly isLogged: boolean };
