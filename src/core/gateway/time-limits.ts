import type { Slot } from '../workers/slot.ts';
import { Exchange } from './exchange.ts';
import type { RequestQueue } from './queue.ts';
import { retryAfter } from './refusals.ts';

/** In milliseconds; 0 is no limit. */
export interface Limits {
  /** From the start in a slot to the end of the response. */
  readonly harakiriMs: number;
  /** From the arrival to the end of the response. */
  readonly httpHarakiriMs: number;
  /** From the arrival to a free slot. */
  readonly queueTimeoutMs: number;
}

/** Answers for the requests whose time is up. Their slots stay taken until the worker answers or dies. */
export class TimeLimits {
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @returns how many have waited too long */
  checkQueue(queue: RequestQueue, now: number): number {
    let expired = 0;
    const { httpHarakiriMs, queueTimeoutMs } = this.#limits;
    const shortest = Math.min(httpHarakiriMs || Infinity, queueTimeoutMs || Infinity);
    for (let oldest = queue.peek(); oldest && now - oldest.since >= shortest; oldest = queue.peek()) {
      const ageMs = now - oldest.since;
      const waited = `waited ${seconds(ageMs)} s for a free worker`;
      queue.shift();
      expired++;
      // Of two that are equal the one that says "come again" is of more use to a client.
      if (shortest === queueTimeoutMs) oldest.fail(503, `${waited} (queue-timeout = ${shortest / 1000})`, retryAfter(ageMs));
      else oldest.fail(504, `${waited} (http-harakiri = ${shortest / 1000})`);
    }
    return expired;
  }

  checkSlot(slot: Slot, now: number): void {
    const { harakiriMs, httpHarakiriMs } = this.#limits;
    if (this.isOverrun(slot, now)) giveUp(slot, slot.oldest, `${slot.label} took longer than ${harakiriMs / 1000} s`);
    if (httpHarakiriMs === 0) return;
    for (const request of slot.requests) {
      if (!(request instanceof Exchange) || now - request.since < httpHarakiriMs) continue;
      const took = seconds(now - request.since);
      giveUp(slot, request, `${slot.label} has not answered ${took} s after it came (http-harakiri = ${httpHarakiriMs / 1000})`);
    }
  }

  /** The request that runs in the slot runs longer than harakiri, or the deadline of its own, allows. */
  isOverrun(slot: Slot, now: number, deadlineMs = 0): boolean {
    const ranMs = now - slot.oldestSince;
    return slot.used > 0 && (exceeds(ranMs, this.#limits.harakiriMs) || exceeds(ranMs, deadlineMs));
  }
}

function exceeds(milliseconds: number, limitMs: number): boolean {
  return limitMs > 0 && milliseconds >= limitMs;
}

function giveUp(slot: Slot, request: unknown, reason: string): void {
  if (!(request instanceof Exchange) || request.state === 'ended' || request.isTaken) return;
  request.fail(504, reason);
  // Nobody waits any more: an application that reads the body, or sends an answer that nobody takes, hears it now.
  slot.cancel(request);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
