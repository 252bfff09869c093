/** Where a value came from, so that a message can point at it. */
export type Origin =
  | { readonly kind: 'argv'; readonly argument: string }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'default' };

export interface ErrorDetails {
  readonly origin?: Origin | undefined;
  /** What the reader can do now; each one a complete command or edit. */
  readonly suggestions?: readonly string[];
  readonly cause?: unknown;
}

/**
 * Every error that a user can meet. `code`, `suggestions` and `ref` are the fields that oclif prints,
 * so nothing in core needs to know oclif.
 */
export abstract class TsuwsgiError extends Error {
  abstract readonly code: `TSU_${string}`;
  /** The exit status of the process when this error ends it: 1 is uWSGI's own. */
  readonly exitStatus: number = 1;
  readonly origin: Origin;
  /** The message without the origin. */
  readonly reason: string;
  readonly suggestions: readonly string[];

  constructor(message: string, { origin = { kind: 'default' }, suggestions = [], cause }: ErrorDetails = {}) {
    super(origin.kind === 'default' ? message : `${formatOrigin(origin)}: ${message}`, { cause });
    this.origin = origin;
    this.reason = message;
    this.name = new.target.name;
    this.suggestions = suggestions;
  }

  get ref(): string {
    return `docs/errors.md#${this.code.toLowerCase()}`;
  }
}

/** An origin as a message shows it: `app.ini:12`, `argument --processes`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'argv':
      return `argument ${origin.argument}`;
    case 'file':
      return `${origin.path}:${origin.line}`;
    case 'environment':
      return `variable ${origin.variable}`;
    case 'default':
      return 'default';
  }
}
