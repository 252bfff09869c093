import type { ResponseMessage } from '../wire/messages.ts';
import type { Source } from './source.ts';

/** An exchange, as those see it that bring its response. */
export interface Answering {
  readonly state: 'queued' | 'held' | 'sent' | 'answering' | 'ended';
  source: Source | undefined;
  respond(message: ResponseMessage): void;
  respondMore(pieces: readonly Buffer[]): void;
  respondEnd(how: 'properly' | 'aborted'): void;
  /** No answer comes, so there is one of the server's own or, if it has begun, none of it any more; the log says why. */
  fail(status: number, reason: string): void;
}
