/**
 * The options that uWSGI has and the registry has not: a text file for each topic in catalog/, read when somebody asks for a name
 * that the registry does not have. An option is a line, written as help shows it, below the verdict on it:
 *
 *     Background work
 *     Crons, spoolers, mules, daemons.
 *
 *     unsupported: use a task queue (Celery, RQ, Huey)
 *       -Q, spooler PATH… +master               a folder of tasks for background processes
 *       spooler-frequency, spooler-freq SECONDS
 *
 * `accepted` is followed by the reason why nothing needs to be done, `unsupported` and `refused` by what serves instead. The server
 * passes over what is unsupported; it does not start with what is refused.
 *
 * Names are followed by the argument: `N` is required, `[N]` optional, `(N)` can be given in files only, none at all makes a flag; `…`
 * adds up. `+master` turns the master on by its presence, `+immediate` acts where it stands. Behind two spaces comes what it does.
 */
import { readFileSync } from 'node:fs';
import type { Arity, Kind } from './define.ts';
import type { KnownOption } from './known.ts';

/** In the order of the reference page. */
const TOPICS: readonly string[] = [
  'sockets',
  'tls',
  'http',
  'routers',
  'cluster',
  'applications',
  'bodies',
  'concurrency',
  'processes',
  'emperor',
  'background',
  'caching',
  'routing',
  'static',
  'logging',
  'metrics',
  'hooks',
  'system',
  'languages',
  'tools',
];

export interface Topic {
  readonly title: string;
  readonly about: string;
  readonly tables: readonly Table[];
}

/** What becomes of the options of a table. */
type Verdict = Pick<KnownOption, 'support' | 'note' | 'instead' | 'isRefused'>;

/** Options with the same fate. */
export interface Table extends Verdict {
  readonly options: readonly KnownOption[];
}

/** All topics, from their files. */
export function readTopics(): Topic[] {
  return TOPICS.map((name) => parseTopic(readFileSync(new URL(`catalog/${name}.txt`, import.meta.url), 'utf8')));
}

/** The text of a topic: paragraphs, of which the first is its title and what it is about. */
export function parseTopic(text: string): Topic {
  const [head = [], ...tables] = text.split('\n\n').map((paragraph) => paragraph.split('\n').filter((line) => line !== ''));
  const [title = '', about = ''] = head;
  return { title, about, tables: tables.map((lines) => parseTable(lines, title)) };
}

function parseTable([head = '', ...lines]: readonly string[], group: string): Table {
  const verdict = parseVerdict(head);
  return { ...verdict, options: lines.map((line) => parseOption(line.trim(), verdict, group)) };
}

function parseVerdict(line: string): Verdict {
  const colon = line.indexOf(': ');
  const word = line.slice(0, colon);
  const text = line.slice(colon + 2);
  if (word === 'accepted') return { support: 'accepted', note: text, instead: undefined, isRefused: false };
  return { support: 'unsupported', note: undefined, instead: text, isRefused: word === 'refused' };
}

function parseOption(line: string, { support, note, instead, isRefused }: Verdict, group: string): KnownOption {
  const [spelling = '', help] = line.split(/ {2,}/);
  const words = spelling.split(/,? /);
  const [name = '', ...aliases] = words.filter((word) => /^[a-z]/.test(word));
  return {
    name,
    aliases,
    short: words.find((word) => word.startsWith('-'))?.slice(1),
    ...parseArgument(words.find((word) => /^[[(]?[A-Z]/.test(word))),
    group,
    support,
    help,
    note,
    instead,
    isRefused,
    isImmediate: words.includes('+immediate'),
    impliesMaster: words.includes('+master'),
    needs: [],
    overruledBy: undefined,
    isExtension: false,
    default: undefined,
  };
}

/** What an argument of this name is, alone and repeated. */
const KINDS: Readonly<Record<string, readonly [once: Kind, repeated: Kind]>> = {
  BOOL: ['flag', 'flag'],
  N: ['count', 'list'],
  SECONDS: ['seconds', 'list'],
  BYTES: ['bytes', 'list'],
  MEGABYTES: ['megabytes', 'list'],
  TEXT: ['text', 'list'],
  PATH: ['path', 'paths'],
  ADDRESS: ['address', 'addresses'],
};

function parseArgument(argument: string | undefined): Pick<KnownOption, 'arity' | 'kind' | 'metavar' | 'isRepeatable'> {
  if (argument === undefined) return { arity: 'none', kind: 'flag', metavar: '', isRepeatable: false };
  const metavar = argument.replace(/[^A-Z]/g, '');
  const isRepeatable = argument.endsWith('…');
  const [once, repeated] = KINDS[metavar] ?? ['text', 'list'];
  return { arity: arityOf(argument), kind: isRepeatable ? repeated : once, metavar, isRepeatable };
}

function arityOf(argument: string): Arity {
  if (argument.startsWith('[')) return 'optional';
  return argument.startsWith('(') ? 'none' : 'required';
}
