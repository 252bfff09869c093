/** What an operator can ask a running server for, and the signals and characters that ask for it. docs/operating.md shows the same tables. */
import type { Verb } from '../wire/operator.ts';

/** Signals, the FIFO, touched files and commands all become one of these. */
export type Action =
  | Verb
  | 'toggle-pause'
  | 'log-stats'
  | 'log-stacks'
  | 'reopen-log'
  | 'rotate-log'
  | 'one-more-worker'
  | 'one-worker-less'
  | 'go-cheap'
  | 'write-pid-files';

/** The signals of a server, by what they ask for. SIGTERM and SIGQUIT change places with reloading under `die-on-term = false`, as in uWSGI 2.0. */
export function signalActions(dieOnTerm: boolean): Readonly<Partial<Record<NodeJS.Signals, Action>>> {
  return {
    SIGHUP: 'reload',
    SIGINT: 'stop-now',
    SIGQUIT: 'stop-now',
    SIGTERM: dieOnTerm ? 'stop-gracefully' : 'reload',
    SIGUSR1: 'log-stats',
    SIGUSR2: 'log-stacks',
    SIGTSTP: 'toggle-pause',
  };
}

/** The characters of `master-fifo`. Those of which nothing comes say why. 0 to 9 choose the FIFO that is read. */
export const FIFO_ACTIONS: Readonly<Record<string, Action | { readonly without: string }>> = {
  '+': 'one-more-worker',
  '-': 'one-worker-less',
  B: { without: 'there is no broodlord' },
  c: 'chain-reload',
  C: 'go-cheap',
  E: { without: 'there is no emperor' },
  f: { without: 'the master need not be forked: a reload renews everything else' },
  l: 'reopen-log',
  L: 'rotate-log',
  p: 'toggle-pause',
  P: 'write-pid-files',
  q: 'stop-gracefully',
  Q: 'stop-now',
  // A reload never pauses and loses nothing, so uWSGI's gentler and harsher kinds of it are all the same one.
  r: 'reload',
  R: 'reload',
  s: 'log-stats',
  S: { without: 'there are no subscriptions' },
  w: 'reload',
  W: 'reload',
};
