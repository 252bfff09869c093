/** What an operator can ask a running server for; signals, touched files and commands all become one of these. */
export type Action = 'reload' | 'stop-gracefully' | 'stop-now';

/** The signals of a server, by what they ask for. SIGTERM and SIGQUIT change places with reloading under `die-on-term = false`, as in uWSGI 2.0. */
export function signalActions(dieOnTerm: boolean): Readonly<Partial<Record<NodeJS.Signals, Action>>> {
  return {
    SIGHUP: 'reload',
    SIGINT: 'stop-now',
    SIGQUIT: 'stop-now',
    SIGTERM: dieOnTerm ? 'stop-gracefully' : 'reload',
  };
}
