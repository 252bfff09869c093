/**
 * The channel between an operator's command and a running server: `control.sock` in the server's runtime directory.
 *
 *     command  one order, a JSON object on a line ─▶        ◀─ replies, one JSON object a line: text*, then done | failed
 *
 * The server ends the connection after its last reply. An order to stop is done when the server is gone, and then it is the end of
 * its process that ends the connection.
 */

const VERBS = ['reload', 'chain-reload', 'stop-gracefully', 'stop-now', 'pause', 'resume'] as const;

/** What an operator can ask for in one word. */
export type Verb = (typeof VERBS)[number];

export type Order =
  | { readonly type: Verb }
  | { readonly type: 'scale'; readonly workers: number }
  | { readonly type: 'stats' }
  /** What happened lately: errors, slow requests, events. */
  | { readonly type: 'recent' }
  /** Of one worker, or of all. */
  | { readonly type: 'stacks'; readonly worker?: number };

export type Reply =
  /** A piece of what was asked for. */
  | { readonly type: 'text'; readonly text: string }
  /** `message` is a sentence for the operator. */
  | { readonly type: 'done'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** An order is short; whoever sends more is none of our commands. */
const ORDER_LIMIT = 4096;

/** The order in a line, or undefined where there is none in it. */
export function readOrder(line: string): Order | undefined {
  const { type, workers, worker } = parse(line);
  const verb = VERBS.find((name) => name === type);
  if (verb !== undefined) return { type: verb };
  if (type === 'scale' && isCount(workers)) return { type, workers };
  if (type === 'stats' || type === 'recent') return { type };
  if (type === 'stacks' && worker === undefined) return { type };
  if (type === 'stacks' && isCount(worker)) return { type, worker };
  return undefined;
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    // No JSON, so no order either; the other side is told so.
    return {};
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Takes text in and gives whole lines out. */
export class LineReader {
  #pending = '';
  readonly #limit: number;

  constructor(limit = ORDER_LIMIT) {
    this.#limit = limit;
  }

  /** The lines that this piece completes; undefined when a line is longer than it may be. */
  push(text: string): readonly string[] | undefined {
    const lines = (this.#pending + text).split('\n');
    this.#pending = lines.pop() ?? '';
    return this.#pending.length > this.#limit || lines.some((line) => line.length > this.#limit) ? undefined : lines;
  }
}
