import type { StatsDocument } from '../../src/core/stats/document.ts';
import type { Health } from '../health.ts';
import type { Timeline } from '../timeline.ts';

/** What the server has just said, and what is made of it. */
export interface View {
  readonly document: StatsDocument;
  readonly timeline: Timeline;
  readonly health: Health;
  /** Seconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** A part of the page that shows the figures of the moment. */
export interface Panel {
  show(view: View): void;
}
