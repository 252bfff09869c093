import { isDeepStrictEqual } from 'node:util';
import type { Plan } from '../plan/plan.ts';

/** How to stop looking. */
export type Stop = () => void;

/** One thing that is looked at by the clock, and the part of the plan that it goes by. */
export interface Watch<Ports, Part = unknown> {
  readonly part: (plan: Plan) => Part;
  readonly start: (part: Part, ports: Ports) => Stop;
}

/** What is looked at by the clock, as far as the plan asks for it. */
export class Watches<Ports> {
  readonly #watches: readonly Watch<Ports>[];
  readonly #ports: Ports;
  readonly #running = new Map<Watch<Ports>, { readonly part: unknown; readonly stop: Stop }>();

  constructor(watches: readonly Watch<Ports>[], ports: Ports) {
    this.#watches = watches;
    this.#ports = ports;
  }

  /** Goes by this plan from now on. What it does not change is not disturbed: a file that was just touched is still seen. */
  follow(plan: Plan): void {
    for (const watch of this.#watches) {
      const part = watch.part(plan);
      const before = this.#running.get(watch);
      if (before !== undefined && isDeepStrictEqual(before.part, part)) continue;
      before?.stop();
      this.#running.set(watch, { part, stop: watch.start(part, this.#ports) });
    }
  }

  stop(): void {
    for (const { stop } of this.#running.values()) stop();
    this.#running.clear();
  }
}

export function watch<Ports, Part>(part: (plan: Plan) => Part, start: (part: Part, ports: Ports) => Stop): Watch<Ports> {
  return { part, start: (value, ports) => start(value as Part, ports) };
}

export const nothing: Stop = () => undefined;
