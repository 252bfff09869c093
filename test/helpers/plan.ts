import { loadOptions } from '../../src/core/config/load.ts';
import type { Options } from '../../src/core/options/registry.ts';
import { buildPlan, type Surroundings } from '../../src/core/plan/build.ts';
import type { Plan } from '../../src/core/plan/plan.ts';

/** The options of a command line: a list of words, or one line of words without spaces in them. */
export function optionsOf(words: string | readonly string[]): Options {
  return loadOptions(typeof words === 'string' ? words.split(' ') : words, {}).options;
}

/** The plan of a server that is started with these words. */
export function planOf(words: string | readonly string[], surroundings: Partial<Surroundings> = {}): Plan {
  return buildPlan(optionsOf(words), {
    environment: { PATH: '/usr/bin' },
    directory: '/',
    inheritedDescriptors: [],
    entries: [],
    magic: {},
    ...surroundings,
  });
}
