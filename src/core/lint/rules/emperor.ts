/** What an emperor does and does not. */
import { resolve } from 'node:path';
import { isIdle } from '../../plan/emperor-options.ts';
import type { Configuration, NamedEntry } from '../configuration.ts';
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
    id: 'emperor-idle-option',
    severity: 'warning',
    title: 'An option that does nothing for an emperor',
    why: 'An emperor starts servers and is none: it has no workers, no loggers and no statistics but those of `emperor-stats`.',
    remedy: 'Give it to all vassals with `vassals-set`, or to one in its file. For itself an emperor has `logto` and `emperor-stats`.',
    check: (configuration) =>
      configuration.has('emperor')
        ? configuration.entries
            .filter((entry) => isIdle(entry) && !APPLICATION.includes(entry.option))
            .map((entry) => about(entry, `"${entry.name}" does nothing for an emperor`, insteadOf(entry)))
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

const LOGGERS = 'logger req-logger log-syslog log-socket'.split(' ');

function insteadOf({ name, option, text }: NamedEntry): string {
  const forVassals = `"vassals-set = ${name}=${text}" for all vassals`;
  if (option === 'stats') return `write "emperor-stats = ${text}" for those of the emperor, or give each vassal its own`;
  return `write ${LOGGERS.includes(option) ? '"logto = PATH" for the log of the emperor, or ' : ''}${forVassals}`;
}

function isMissing(path: string, { surroundings }: Configuration): boolean {
  const { directory, kindOf } = surroundings;
  return !WILDCARD.test(path) && !path.includes('://') && kindOf(resolve(directory, path)) === undefined;
}
