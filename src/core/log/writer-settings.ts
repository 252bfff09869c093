/** What the log writer is told: plain data, which python/tsuwsgi/logwriter reads as JSON. */

export type SinkAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** Where records go. */
export type LogSink =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number | null;
      /** 0 means never. */
      readonly maxBytes: number;
      /** What it is called once it has been rotated; null for its name and the time. */
      readonly backupName: string | null;
    }
  /** The output of the server. */
  | { readonly kind: 'output'; readonly fd: 1 | 2 }
  | { readonly kind: 'syslog'; readonly ident: string; readonly facility: number }
  | {
      readonly kind: 'rsyslog';
      readonly address: SinkAddress;
      /** Empty for the name of the machine and `uwsgi`. */
      readonly ident: string;
      readonly priority: number;
      readonly packetBytes: number;
      /** A message that does not fit goes in several packets; otherwise its end is cut off. */
      readonly splits: boolean;
    }
  | { readonly kind: 'socket'; readonly address: SinkAddress }
  | { readonly kind: 'pipe'; readonly command: string };

export interface Logger {
  /** As the user wrote it, for what is told about it. */
  readonly written: string;
  /** What routes and encoders call it; null for one that takes whatever no route does. */
  readonly name: string | null;
  readonly sink: LogSink;
}

export interface LogRoute {
  readonly logger: string;
  /** In the language of Python's `re`. */
  readonly expression: string;
}

export interface LogEncoder {
  readonly kind: EncoderKind;
  readonly argument: string;
  /** Null for all loggers. */
  readonly logger: string | null;
}

export const ENCODERS = ['prefix', 'suffix', 'nl', 'format', 'json', 'gzip', 'compress'] as const;

export type EncoderKind = (typeof ENCODERS)[number];

/** The variables of `format` and `json`; `strftime:` is followed by a form. */
export const ENCODER_VARIABLES: readonly string[] = ['msg', 'msgnl', 'unix', 'micros', 'strftime:'];

/** One stream of lines, and what becomes of it. Without loggers it goes to the output of the server. */
export interface LogStream {
  readonly loggers: readonly Logger[];
  readonly routes: readonly LogRoute[];
  readonly encoders: readonly LogEncoder[];
  /** Lines that match are left out. */
  readonly drain: readonly string[];
  /** Where there are any, lines that match none are left out. */
  readonly filter: readonly string[];
}

export interface LogWriterSettings {
  readonly log: LogStream;
  /** Null where requests are logged with everything else. */
  readonly requests: LogStream | null;
}
