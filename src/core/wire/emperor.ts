/**
 * The channel between an emperor and a vassal, a pair of connected sockets of which the vassal's end is named in its environment. Each
 * byte is a word, the same as in uWSGI, so that either side may be a uWSGI. When one side is gone, the other sees the end.
 *
 * @see https://uwsgi-docs.readthedocs.io/en/latest/EmperorProtocol.html
 */

/** The number of the descriptor. */
export const EMPEROR_DESCRIPTOR = 'UWSGI_EMPEROR_FD';

/** What an emperor says. */
export const ORDERS = { 'stop-now': 0, reload: 1, 'stop-gracefully': 2 } as const;

/** What a vassal says. `loyal` has served a request; `leaving` ends because it wants to. */
export const REPORTS = { started: 1, ready: 5, loyal: 17, leaving: 22, heartbeat: 26 } as const;

export type EmperorOrder = keyof typeof ORDERS;
export type VassalReport = keyof typeof REPORTS;

export function orderOf(byte: number): EmperorOrder | undefined {
  return (Object.keys(ORDERS) as EmperorOrder[]).find((order) => ORDERS[order] === byte);
}

export function reportOf(byte: number): VassalReport | undefined {
  return (Object.keys(REPORTS) as VassalReport[]).find((report) => REPORTS[report] === byte);
}
