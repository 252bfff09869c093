import { join } from 'node:path';
import { APPS } from '../../test/helpers/paths.ts';
import { SERVER } from '../../test/helpers/server.ts';
import { type Program, timeToFirstAnswer } from '../start.ts';
import { type Contender, type Section, UWSGI } from './section.ts';

const DJANGO = `--chdir ${join(APPS, 'django-site')} --wsgi-file mysite/wsgi.py`;

/** From exec to the first answer. */
export const START: readonly Section[] = [
  starting('hello world', '--wsgi-file hello.py', []),
  starting('a Django site', DJANGO, ['python3-django']),
];

function starting(what: string, words: string, needs: readonly string[]): Section {
  return {
    title: `From the start to the first answer over HTTP, ${what}, 1 worker`,
    unit: 'ms',
    baseline: 'uWSGI',
    contenders: [
      contender('tsuwsgi', tsuwsgi(words), needs),
      contender('tsuwsgi, with a master', tsuwsgi(`${words} -M`), needs),
      contender('uWSGI', uwsgi(words), [...needs, ...UWSGI]),
      contender('uWSGI, with a master', uwsgi(`${words} -M`), [...needs, ...UWSGI]),
    ],
  };
}

function contender(name: string, program: Program, needs: readonly string[]): Contender {
  return { name, needs, figure: (_, seconds) => timeToFirstAnswer(program, seconds) };
}

function tsuwsgi(words: string): Program {
  const [command = '', ...first] = SERVER;
  return { command, words: [...first, ...words.split(' ')], stopSignal: 'SIGTERM' };
}

function uwsgi(words: string): Program {
  return { command: 'uwsgi', words: ['--plugin', 'python3', ...words.split(' ')], stopSignal: 'SIGKILL' };
}
