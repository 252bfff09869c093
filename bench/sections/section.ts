/** What a section of the bench is made of. */
import { requires } from '../../test/helpers/requirements.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import type { Started } from '../servers.ts';

/** One server or command in one set-up. */
export interface Contender {
  readonly name: string;
  /** The packages, of scripts/requirements.js, without which it cannot be measured. */
  readonly needs: readonly string[];
  /** Measures it once, for so many seconds. */
  readonly figure: (scope: Scope, seconds: number) => Promise<number>;
}

/** What is measured in the same way. */
export interface Section {
  readonly title: string;
  readonly unit: 'requests/s' | 'MB/s' | 'KiB' | 'ms' | 'times';
  /** The contender that the ratios are to. */
  readonly baseline: string;
  /** Measured one after the other, each on a machine that it has for itself. */
  readonly contenders: readonly Contender[];
}

/** What differs by so little that only moments compare: servers that are up together, each with so many connections in its turns (turns.ts). */
export interface SectionInTurns extends Pick<Section, 'title' | 'baseline'> {
  readonly unit: 'requests/s';
  readonly contenders: readonly Server[];
  readonly connections: number;
}

/** A server, and how to start it. */
export interface Server extends Pick<Contender, 'name' | 'needs'> {
  readonly start: (scope: Scope) => Promise<Started>;
}

/** Measures a server that runs, for so many seconds. */
export type Measure = (server: Started, seconds: number) => Promise<number>;

/** Two workers of an application that does nothing. */
export const HELLO = '-M -p 2 --wsgi-file hello.py';
/** The processes and threads of many command lines in tutorials. */
export const THREADED_HELLO = '-M -p 4 --threads 30 --wsgi-file hello.py';
/** Four workers of an application as APIs are. */
export const FLASK = '-M -p 4 -L --wsgi-file flask-json.py';
/** The packages of uWSGI and its plugin. */
export const UWSGI = ['uwsgi', 'uwsgi-plugin-python3'] as const;

/** The packages of a contender that are not here, as a sentence, or false. */
export function whyAbsent({ needs }: Pick<Contender, 'needs'>): string | false {
  return requires(...needs);
}

/** Servers that are measured in the same way. */
export function measured(measure: Measure, servers: readonly Server[]): Contender[] {
  return servers.map(({ name, needs, start }) => ({ name, needs, figure: async (scope, seconds) => measure(await start(scope), seconds) }));
}
