/** What an emperor does and does not. */
import { resolve } from 'node:path';
import type { Configuration } from '../configuration.ts';
import { about } from '../finding.ts';
import type { Rule } from '../rule.ts';

const APPLICATION = (
  'module wsgi-file eval mount socket uwsgi-socket http http-socket http11-socket https https-socket https2 http-to-https fastcgi-socket ' +
  'fastcgi-nph-socket scgi-socket scgi-nph-socket'
).split(' ');

/** What makes a pattern of a path. */
const WILDCARD = /[*?[]/;

export const emperorRules: readonly Rule[] = [
  {
    id: 'emperor-with-application',
    severity: 'error',
    title: 'An application or an address beside an emperor',
    why: 'An emperor serves no application and listens nowhere itself, and does not start when it is to. uWSGI does both at once.',
    remedy: 'Give the application a config file of its own among those of the vassals.',
    check: (configuration) =>
      configuration.has('emperor')
        ? configuration
            .all(...APPLICATION)
            .map((entry) => about(entry, `an emperor has no "${entry.name}" of its own`, 'move this line to the file of a vassal'))
        : [],
  },
  {
    id: 'emperor-directory',
    severity: 'warning',
    title: 'An emperor of a directory that is not there',
    why: 'It waits for the directory to come, and runs nothing meanwhile.',
    remedy: 'Correct the path, or make the directory.',
    check: (configuration) =>
      configuration
        .all('emperor')
        .filter(({ text }) => isMissing(text.replace(/^dir:\/\//, ''), configuration))
        .map((entry) => about(entry, `there is no directory ${entry.text}`, 'correct the path, or make the directory')),
  },
];

function isMissing(path: string, { surroundings }: Configuration): boolean {
  const { directory, kindOf } = surroundings;
  return !WILDCARD.test(path) && !path.includes('://') && kindOf(resolve(directory, path)) === undefined;
}
