/** Why a worker was replaced. */
export const RESTART_REASONS = ['reload', 'max-requests', 'lifetime', 'memory', 'harakiri', 'died', 'asked', 'other'] as const;

export type RestartReason = (typeof RESTART_REASONS)[number];

/** Counts workers that were replaced. */
export class Restarts {
  readonly #counts = new Map<RestartReason, number>();

  count(reason: RestartReason): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
  }

  get figures(): Readonly<Record<RestartReason, number>> {
    const counted = RESTART_REASONS.map((reason) => [reason, this.#counts.get(reason) ?? 0] as const);
    return Object.fromEntries(counted) as Record<RestartReason, number>;
  }
}
