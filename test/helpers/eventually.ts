import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 10;

/**
 * Asks again and again until the answer is neither undefined nor false, and fails after the deadline.
 * Only for what gives no event: a file's mode, a process that is not our child.
 */
export async function eventually<Answer>(
  what: string,
  ask: () => Answer | undefined | false | Promise<Answer | undefined | false>,
  deadlineMs = 5_000,
): Promise<Answer> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`not within ${String(deadlineMs)} ms: ${what}`);
    await pause(PAUSE_MS);
  }
}

/** The promise's value, or an error that names what was waited for. */
export async function within<Value>(deadlineMs: number, what: string | (() => string), promise: Promise<Value>): Promise<Value> {
  const timer = new AbortController();
  const expired = pause(deadlineMs, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(`not within ${String(deadlineMs)} ms: ${typeof what === 'string' ? what : what()}`)),
    // The promise won the race and the timer was called off.
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([promise, expired]);
  } finally {
    timer.abort();
  }
}
