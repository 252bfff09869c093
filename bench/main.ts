/**
 * `npm run bench`: each server in turn, round after round, and a table of medians.
 *
 *     --rounds N    how often each server is measured (5)
 *     --seconds N   how long each measurement takes (5)
 *     --only WORD   only sections and servers whose name contains it; may be repeated
 *     --write       put the tables into docs/benchmarks.md; with --only, beside those that are there
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/helpers/paths.ts';
import { inOwnScope } from '../test/helpers/scope.ts';
import { isAmong, positive } from './arguments.ts';
import { describeApart, describeMachine } from './machine.ts';
import { mergePage } from './page.ts';
import { SECTIONS } from './sections.ts';
import { type Contender, type Section, type SectionInTurns, whyAbsent } from './sections/section.ts';
import type { Started } from './servers.ts';
import { formatFigure, formatSection, type Result } from './table.ts';
import { ratesInTurns } from './turns.ts';

type AnySection = Section | SectionInTurns;
/** Names and figures of one round. */
type Figures = readonly (readonly [name: string, figure: number])[];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
const PAGE = join(ROOT, 'docs/benchmarks.md');
const rounds = positive('rounds', values.rounds);
const seconds = positive('seconds', values.seconds);

const chosen = SECTIONS.map(onlyChosen).filter(({ contenders }) => contenders.length > 0);
if (chosen.length === 0) throw new Error(`--only ${values.only.join(' --only ')} names none of them`);
const tables = new Map<string, string>();
for (const section of chosen) {
  const table = formatSection(section, await measureSection(section));
  console.log(`\n${table}`);
  tables.set(section.title, table);
}
if (values.write) writeFileSync(PAGE, values.only.length === 0 ? wholePage() : pageWithSome());

function wholePage(): string {
  return `${[describeMachine(rounds, seconds), ...tables.values()].join('\n\n')}\n`;
}

function pageWithSome(): string {
  const note = describeApart([...values.only.map((word) => `--only ${word}`), `--rounds ${values.rounds}`, `--seconds ${values.seconds}`]);
  return mergePage(readFileSync(PAGE, 'utf8'), tables, { titles: SECTIONS.map(({ title }) => title), note });
}

function onlyChosen(section: AnySection): AnySection {
  const among = (one: Pick<Contender, 'name'>): boolean => isAmong(values.only, `${section.title} ${one.name}`);
  return 'connections' in section
    ? { ...section, contenders: section.contenders.filter(among) }
    : { ...section, contenders: section.contenders.filter(among) };
}

/** One figure of each server a round, so that what happens on the machine meanwhile happens to all; each second round goes the other way. */
async function measureSection(section: AnySection): Promise<Result[]> {
  const results = section.contenders.map((one) => ({ name: one.name, figures: [] as number[], absent: whyAbsent(one) || '' }));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, figure] of await ('connections' in section ? roundInTurns(section) : roundInOrder(section, round % 2 === 0))) {
      results.find((result) => result.name === name)?.figures.push(figure);
      console.log(`${section.title}, round ${String(round)}: ${name} ${formatFigure(figure)} ${section.unit}`);
    }
  }
  return results;
}

async function roundInOrder({ contenders }: Section, isReversed: boolean): Promise<Figures> {
  const figures: [string, number][] = [];
  const present = contenders.filter((one) => whyAbsent(one) === false);
  for (const { name, figure } of isReversed ? present.toReversed() : present) {
    figures.push([name, await inOwnScope(name, (scope) => figure(scope, seconds))]);
  }
  return figures;
}

async function roundInTurns({ title, contenders, connections }: SectionInTurns): Promise<Figures> {
  const present = contenders.filter((one) => whyAbsent(one) === false);
  const rates = await inOwnScope(title, async (scope) => {
    const servers: Started[] = [];
    for (const { start } of present) servers.push(await start(scope));
    return ratesInTurns(scope, servers, { connections, seconds });
  });
  return present.map(({ name }, at) => [name, rates[at] ?? NaN]);
}
