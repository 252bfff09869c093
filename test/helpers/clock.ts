import type { After } from '../../src/core/util/timer.ts';

/** A clock that stands still until the test moves it. */
export function fakeClock(): { now: () => number; after: After; advance(milliseconds: number): void } {
  let time = 0;
  let due: { at: number; action: () => void }[] = [];
  return {
    now: () => time,
    after(milliseconds, action) {
      const entry = { at: time + milliseconds, action };
      due.push(entry);
      return {
        cancel() {
          due = due.filter((other) => other !== entry);
        },
      };
    },
    advance(milliseconds) {
      time += milliseconds;
      const ripe = due.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at);
      due = due.filter(({ at }) => at > time);
      for (const { action } of ripe) action();
    },
  };
}
