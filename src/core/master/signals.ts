import type { Action } from './actions.ts';

export type SignalActions = Readonly<Partial<Record<NodeJS.Signals, Action>>>;

/** Turns signals into actions and does nothing else. */
export class Signals {
  readonly #ask: (action: Action, signal: string) => void;
  #listeners: readonly (readonly [signal: string, listener: () => void])[] = [];

  constructor(ask: (action: Action, signal: string) => void) {
    this.#ask = ask;
  }

  /** From now on signals mean this, and those not named here what they mean to any process. */
  follow(actions: SignalActions): void {
    const before = this.#listeners;
    // First the new ones: a signal that nobody listens to, if only for a moment, is lost or ends the process.
    this.#listeners = Object.entries(actions).map(([signal, action]) => [signal, () => this.#ask(action, signal)] as const);
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
    for (const [signal, listener] of before) process.off(signal, listener);
  }

  stop(): void {
    this.follow({});
  }
}
