/** What a spawner is told before it imports the application: plain data, the first message on its control channel. */
export interface SpawnerConfig {
  /** Version of tsuwsgi: `uwsgi.version` in the environ. */
  readonly version: string;
  /** Host name: `uwsgi.node` in the environ. */
  readonly node: string;
  /** Null with `need-app = false` and none named: every request is answered 500. */
  readonly application: ApplicationSource | null;
  /** The name to look up in the module: "app", "factory()"; null means "application". */
  readonly callable: string | null;
  /** Each worker imports the application itself. */
  readonly lazy: boolean;
  /** No application is a failure (exit status 22) instead of a 500 for each request. */
  readonly needApp: boolean;
  readonly processes: number;
  readonly threads: number;
  /** A worker asks for its successor after so many requests; 0 means never. */
  readonly maxRequests: number;
  /** RLIMIT_AS of the spawner and its workers in bytes; 0 means none. */
  readonly limitAsBytes: number;
  readonly pythonPath: readonly string[];
  /** Where the slots find the gateway; null when no socket of the plan needs one. */
  readonly gatewaySocket: string | null;
  /** The uwsgi sockets on which the slots accept themselves, by inherited descriptor. */
  readonly directSockets: readonly { readonly fd: number; readonly name: string }[];
  readonly backlog: number;
  /** Largest uwsgi packet in bytes. */
  readonly bufferSize: number;
  readonly socketTimeoutSeconds: number;
  readonly logRequests: boolean;
  readonly scoreboard: { readonly path: string; readonly seats: number };
}

/** Where the application is: `--wsgi-file` or `--module`. */
export type ApplicationSource = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'module'; readonly name: string };
