import { BODIES } from './sections/bodies.ts';
import { CONNECTIONS } from './sections/connections.ts';
import { OVER_HTTP } from './sections/http.ts';
import { LEAST } from './sections/least.ts';
import { LIFE } from './sections/life.ts';
import { MEMORY } from './sections/memory.ts';
import { BEHIND_NGINX } from './sections/nginx.ts';
import { REAL_WORK } from './sections/real-work.ts';
import type { Section, SectionInTurns } from './sections/section.ts';
import { START } from './sections/start.ts';
import { WATCHING } from './sections/watching.ts';

/** Everything that is measured, in the order of the page. */
export const SECTIONS: readonly (Section | SectionInTurns)[] = [
  ...OVER_HTTP,
  ...LEAST,
  ...CONNECTIONS,
  ...REAL_WORK,
  ...WATCHING,
  ...BEHIND_NGINX,
  ...BODIES,
  ...MEMORY,
  ...START,
  ...LIFE,
];
