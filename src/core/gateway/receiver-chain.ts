import type { EnvironWriter } from '../protocol/environ.ts';
import type { MarshalWriter } from '../wire/marshal.ts';
import type { Destination } from './destination.ts';
import { RequestVariables } from './request-variables.ts';

/** Looks at a request, may change its variables, and says where it goes; `next` asks the receivers behind it. */
export type Receiver = (variables: RequestVariables, next: () => Destination) => Destination;

/** What requests pass before they go anywhere, where the plan wants them to be looked at: one receiver after another. */
export class ReceiverChain {
  readonly #receivers: readonly Receiver[];
  readonly #otherwise: Destination;

  /** @param otherwise where requests go that no receiver takes */
  constructor(receivers: readonly Receiver[], otherwise: Destination) {
    this.#receivers = receivers;
    this.#otherwise = otherwise;
  }

  /**
   * Where a request goes. Its environ, as the receivers have left it, is in `environ` afterwards.
   *
   * @param write gives the environ as the client sent it
   */
  receive(environ: MarshalWriter, write: (to: EnvironWriter) => void): Destination {
    const variables = new RequestVariables();
    write(variables);
    const destination = this.#ask(variables, 0);
    environ.begin();
    variables.writeTo(environ);
    return destination;
  }

  #ask(variables: RequestVariables, from: number): Destination {
    const receiver = this.#receivers[from];
    return receiver ? receiver(variables, () => this.#ask(variables, from + 1)) : this.#otherwise;
  }
}
