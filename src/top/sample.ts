import type { AnyStatsDocument } from '../core/stats/document.ts';

/** A document and when it came. */
export interface Sample {
  readonly document: AnyStatsDocument;
  /** Seconds on a clock that never jumps. */
  readonly at: number;
  /** Seconds since the epoch. */
  readonly epoch: number;
}
