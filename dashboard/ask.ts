/** What the server said to a question of this page. */
export type Answer<Value> =
  | { readonly kind: 'told'; readonly value: Value }
  /** It answers, but not that, or not to this reader. */
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'silent' };

const PATIENCE_MS = 5000;

/** Reads JSON of the server. @param path without a slash before it: the page may stand below a path of a proxy */
export async function ask<Value>(path: string): Promise<Answer<Value>> {
  const answer = await send(path, { method: 'GET', headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.kind !== 'told') return answer;
  try {
    return { kind: 'told', value: JSON.parse(answer.value) as Value };
  } catch {
    // Cut in the middle, or something else has come to this address.
    return { kind: 'silent' };
  }
}

/** Has the server do something, however long that takes. */
export function order(path: string, body = ''): Promise<Answer<string>> {
  return send(path, { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });
}

async function send(path: string, request: RequestInit): Promise<Answer<string>> {
  try {
    const response = await fetch(path, { ...request, cache: 'no-store', credentials: 'same-origin', redirect: 'error' });
    const text = await response.text();
    if (response.ok) return { kind: 'told', value: text };
    return { kind: 'refused', status: response.status, reason: text.trim() };
  } catch {
    // Refused, reset, too slow: for whoever looks at the page all of these mean that nobody is there.
    return { kind: 'silent' };
  }
}
