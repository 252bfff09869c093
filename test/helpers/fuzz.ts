import { env } from 'node:process';

const SEED = 20261;

/** What the fuzzers' runner can say: `npm run fuzz` gives another seed each time and more runs. */
export function fuzzing(runs: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(env['FUZZ_SEED'] ?? SEED);
  return { seed, numRuns: Math.round(runs * Number(env['FUZZ_FACTOR'] ?? 1)) };
}
