import type { LogSelection } from './format.ts';

/** Of an answer, what decides whether it is logged. */
interface Judged {
  readonly status: number;
  readonly bodySize: number;
  readonly spentMs: number;
  readonly via: string;
}

/** Whether a request is logged though requests are not (`disable-logging`). */
export function isSelected(selection: LogSelection, { status, bodySize, spentMs, via }: Judged): boolean {
  const { clientErrors, serverErrors, slowMs, empty, bigBytes, files } = selection;
  return (
    (clientErrors && status >= 400 && status < 500) ||
    (serverErrors && status >= 500) ||
    (slowMs > 0 && spentMs >= slowMs) ||
    (empty && bodySize === 0) ||
    (bigBytes > 0 && bodySize >= bigBytes) ||
    (files && via === 'sendfile')
  );
}
