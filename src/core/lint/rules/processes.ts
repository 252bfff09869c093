/** Processes, and what may end them. */
import type { Configuration, NamedEntry } from '../configuration.ts';
import { about } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Limits behind which a master starts another worker. */
const REPLACING = ['max-requests', 'max-worker-lifetime', 'reload-on-as', 'reload-on-rss', 'evil-reload-on-as', 'evil-reload-on-rss'];

const ADD_MASTER = 'add "master = true"';

export const processRules: readonly Rule[] = [
  {
    id: 'needs-master',
    severity: 'warning',
    title: 'A limit on workers without a master',
    why: 'It is the master that starts a worker in the place of another. Without it `harakiri` costs a worker each time, and the limits that replace workers do nothing; in uWSGI the server is gone with its last worker.',
    remedy: 'Add `master = true`.',
    check: (configuration) =>
      configuration.options.master
        ? []
        : ['harakiri', ...REPLACING].flatMap((option) => {
            const entry = configuration.last(option);
            return entry === undefined || isOff(entry)
              ? []
              : [about(entry, `"${entry.name}" without a master: ${effectOf(option)}`, ADD_MASTER)];
          }),
  },
  {
    id: 'workers-without-master',
    severity: 'warning',
    title: 'Several workers without a master',
    why: 'A worker that dies is not replaced, and there is nobody to reload the others. In uWSGI it is the same.',
    remedy: 'Add `master = true`.',
    check: (configuration) => {
      const entry = configuration.last('processes');
      if (entry === undefined || configuration.options.master || configuration.options.processes < 2) return [];
      return [about(entry, `none of these ${configuration.options.processes} workers is replaced when it dies`, ADD_MASTER)];
    },
  },
  {
    id: 'harakiri-after-timeout',
    severity: 'warning',
    title: 'A harakiri that comes after http-timeout',
    why: "`http-timeout` is how long a client may be silent; it does not end a request that the application works on. uWSGI's router would: there the client has its 504 before `harakiri` comes.",
    remedy: 'Give `harakiri` the time that a request may take, and `http-timeout` a little more; or set `http-harakiri`.',
    check: (configuration) => harakiriAfterTimeout(configuration),
  },
];

function effectOf(option: string): string {
  if (option === 'harakiri') return 'a worker that it ends is not replaced, and with the last one the server is gone';
  return 'it has no effect here, and in uWSGI the server is gone with its last worker';
}

function harakiriAfterTimeout(configuration: Configuration): ReturnType<Rule['check']> {
  const harakiri = configuration.last('harakiri');
  const timeout = configuration.last('http-timeout');
  if (harakiri === undefined || timeout === undefined || !configuration.has('http') || configuration.has('http-harakiri')) return [];
  if (isOff(harakiri) || Number(harakiri.text) < Number(timeout.text)) return [];
  return [
    about(
      timeout,
      `"${timeout.name} = ${timeout.text}" does not end a request before harakiri does after ${harakiri.text} s, other than in uWSGI`,
      `set harakiri below ${timeout.text}, or http-harakiri = ${timeout.text}`,
    ),
  ];
}

function isOff({ text }: NamedEntry): boolean {
  return /^(0+|false|no|off)$/i.test(text.trim());
}
