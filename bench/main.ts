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
import { type Contender, type Section, whyAbsent } from './sections/section.ts';
import { formatFigure, formatSection, type Result } from './table.ts';

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

const chosen = SECTIONS.map((section) => ({ ...section, contenders: section.contenders.filter((one) => isChosen(section, one)) })).filter(
  ({ contenders }) => contenders.length > 0,
);
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

function isChosen(section: Section, contender: Contender): boolean {
  return isAmong(values.only, `${section.title} ${contender.name}`);
}

/** One figure of each server a round, so that what happens on the machine meanwhile happens to all; each second round goes the other way. */
async function measureSection(section: Section): Promise<Result[]> {
  const figures = new Map<Contender, number[]>(section.contenders.map((contender) => [contender, []]));
  const present = section.contenders.filter((one) => whyAbsent(one) === false);
  for (let round = 1; round <= rounds; round++) {
    for (const contender of round % 2 === 0 ? present.toReversed() : present) {
      const figure = await inOwnScope(contender.name, (scope) => contender.figure(scope, seconds));
      figures.get(contender)?.push(figure);
      console.log(`${section.title}, round ${String(round)}: ${contender.name} ${formatFigure(figure)} ${section.unit}`);
    }
  }
  return [...figures].map(([contender, found]) => ({ name: contender.name, figures: found, absent: whyAbsent(contender) || '' }));
}
