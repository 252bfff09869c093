import type { Destination } from '../destination.ts';
import type { Exchange } from '../exchange.ts';
import type { RequestVariables } from '../request-variables.ts';
import type { FileAnswers } from './file-answers.ts';
import type { Candidate } from './file-search.ts';

/** Where a request goes that may be for a file: if it is for none, it goes on to where it would have gone. */
export class FileDestination implements Destination {
  readonly isForWorkers = true;
  readonly #answers: FileAnswers;
  readonly #wanted: { readonly candidates: readonly Candidate[]; readonly variables: RequestVariables };
  readonly #otherwise: Destination;
  /** It is somebody else's now. */
  #hasPassed = false;

  constructor(
    answers: FileAnswers,
    wanted: { readonly candidates: readonly Candidate[]; readonly variables: RequestVariables },
    otherwise: Destination,
  ) {
    this.#answers = answers;
    this.#wanted = wanted;
    this.#otherwise = otherwise;
  }

  submit(exchange: Exchange): void {
    exchange.hold();
    const { candidates, variables } = this.#wanted;
    this.#answers.answer(exchange, candidates, variables).then(
      (isAnswered) => {
        if (!isAnswered) this.#pass(exchange);
      },
      (error: unknown) => exchange.fail(500, (error as Error).message),
    );
  }

  abandon(exchange: Exchange): void {
    if (this.#hasPassed) this.#otherwise.abandon(exchange);
    else exchange.state = 'ended';
  }

  #pass(exchange: Exchange): void {
    // Its client left while we looked.
    if (exchange.state === 'ended') return;
    this.#hasPassed = true;
    exchange.letGo();
    this.#otherwise.submit(exchange);
  }
}
