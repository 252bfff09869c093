import type { Action } from './actions.ts';

/** Turns signals into actions and does nothing else. Returns how to stop listening. */
export function listenForSignals(
  actions: Readonly<Partial<Record<NodeJS.Signals, Action>>>,
  ask: (action: Action, signal: string) => void,
): () => void {
  const listeners = Object.entries(actions).map(([signal, action]) => [signal, () => ask(action, signal)] as const);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}
