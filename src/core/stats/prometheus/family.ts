export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How many values are in each class, the last of which has no upper bound. */
export interface HistogramSample {
  readonly labels: Labels;
  /** Upper bounds, in the unit of the family; one less than there are counts. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A metric with all its samples, as Prometheus calls it. Names of counters end in `_total`. */
export type Family = {
  readonly name: string;
  readonly help: string;
} & (
  | { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] }
  | { readonly type: 'histogram'; readonly samples: readonly HistogramSample[] }
);
