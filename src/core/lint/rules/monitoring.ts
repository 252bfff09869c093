/** Where lines and statistics go. */
import type { Configuration, NamedEntry } from '../configuration.ts';
import { about } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** What names loggers: how, and which option declares those. */
const NAMING: Readonly<Record<string, { readonly name: RegExp; readonly declaredBy: 'logger' | 'req-logger' }>> = {
  'log-route': { name: /^(\S+) /, declaredBy: 'logger' },
  'log-encoder': { name: /^[^ :]*:(\S+)/, declaredBy: 'logger' },
  'log-req-route': { name: /^(\S+) /, declaredBy: 'req-logger' },
  'log-req-encoder': { name: /^[^ :]*:(\S+)/, declaredBy: 'req-logger' },
};

export const monitoringRules: readonly Rule[] = [
  {
    id: 'missing-logger',
    severity: 'error',
    title: 'A logger that is not there',
    why: 'A route or an encoder names a logger that nothing declares: lines would be lost, so the server does not start. `log-req-route` and `log-req-encoder` are for those of `req-logger`.',
    remedy: 'Declare it, its name in front: `logger = slow file:/var/log/slow.log`.',
    check: (configuration) => configuration.all(...Object.keys(NAMING)).flatMap((entry) => missingLogger(entry, configuration)),
  },
  {
    id: 'token-without-http',
    severity: 'error',
    title: 'A stats-token without stats-http',
    why: 'What `stats` tells without HTTP has no place for a token: it would guard nothing, so the server does not start.',
    remedy: 'Add `stats-http = true`, or remove the token and keep `stats` on a Unix socket.',
    check: (configuration) =>
      configuration.options.statsHttp
        ? []
        : configuration
            .all('stats-token')
            .map((entry) => about(entry, `"${entry.name}" guards what stats-http serves, which is off`, 'add "stats-http = true"')),
  },
];

function missingLogger(entry: NamedEntry, { options }: Configuration): ReturnType<Rule['check']> {
  const { name: pattern, declaredBy } = NAMING[entry.option] ?? {};
  const name = pattern?.exec(entry.text)?.[1];
  const declared = declaredBy === 'logger' ? options.logger : options.reqLogger;
  if (name === undefined || declaredBy === undefined || declared.some((logger) => logger.name === name)) return [];
  return [about(entry, `there is no ${declaredBy} with the name "${name}"`, `write "${declaredBy} = ${name} file:/var/log/${name}.log"`)];
}
