import { STATUS_CODES } from 'node:http';

/** `404`, `410 Gone` → the number, where HTTP has a reason for it and an answer may have it; undefined for everything else. */
export function readAnswerStatus(text: string): number | undefined {
  const [, digits] = /^([2-9]\d\d)(?: .*)?$/.exec(text) ?? [];
  const status = Number(digits);
  return STATUS_CODES[status] === undefined ? undefined : status;
}

/** `403` → `403 Forbidden`; one that has its reason keeps it. */
export function withReason(status: string): string {
  return status.length > 3 ? status : `${status} ${STATUS_CODES[Number(status)] ?? 'Unknown'}`;
}
