/**
 * `npm run test:chaos`: faults done to tsuwsgi and to its peers under load, and a table of what was lost.
 *
 *     --seed N      decides the order and the victims (printed; another one each time)
 *     --rounds N    how often each fault is done (3)
 *     --storm N     faults of the storm, and half as many pairs at once (10 a round)
 *     --only TEXT   only servers whose name has this in it
 *     --fault TEXT  only faults whose name has this in it
 *     --write       put the table into docs/reliability.md
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/helpers/paths.ts';
import { requires } from '../test/helpers/requirements.ts';
import { FAULTS } from './faults/all.ts';
import { type Fault, notFor } from './faults/fault.ts';
import { isFine, type Outcome } from './outcome.ts';
import { formatPage, type Column } from './page.ts';
import { type Random, randomFrom, shuffled } from './random.ts';
import { pairsOf, stormOf } from './storm.ts';
import { runChaos } from './suite.ts';
import type { Contender } from './targets/contender.ts';
import { GUNICORN, tsuwsgi, uwsgi } from './targets/contenders.ts';

const CLIENTS = 8;
const STORM_A_ROUND = 10;
/** Side by side, with what clients see of them over HTTP first. */
const CONTENDERS = [tsuwsgi('http'), uwsgi('http'), GUNICORN, tsuwsgi('nginx'), uwsgi('nginx'), tsuwsgi('uwsgi')];

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '3' },
    storm: { type: 'string' },
    only: { type: 'string', default: '' },
    fault: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const rounds = Number(values.rounds);
const storm = Number(values.storm ?? rounds * STORM_A_ROUND);
const chosen = FAULTS.filter(({ name }) => name.includes(values.fault));
console.log(`seed ${String(seed)}, ${String(rounds)} rounds, ${String(CLIENTS)} clients`);

const columns: Column[] = [];
for (const contender of CONTENDERS.filter(({ name }) => name.includes(values.only))) {
  const absent = requires(...contender.needs);
  columns.push({ contender, outcomes: absent === false ? await measure(contender) : [], absent });
}
const page = formatPage(columns, { faults: chosen, seed, rounds, storm, clients: CLIENTS });
console.log(`\n${page}`);
if (values.write) writeFileSync(join(ROOT, 'docs/reliability.md'), page);
process.exitCode = columns.filter(({ contender }) => contender.isOurs).every(isWithinBounds) ? 0 : 1;

/** Each server has the same chance: what is done to one does not depend on what was done to another. */
async function measure(contender: Contender): Promise<readonly Outcome[]> {
  const random = randomFrom(seed);
  const tell = (outcome: Outcome): void => {
    console.log(lineOf(contender, outcome));
  };
  return runChaos({ contender, faults: planFor(contender, random), random, clients: CLIENTS, tell });
}

function planFor(contender: Contender, random: Random): readonly Fault[] {
  const possible = chosen.filter((fault) => notFor(fault, contender) === false);
  const inRounds = Array.from({ length: rounds }, () => shuffled(possible, random)).flat();
  const choice = { contender, random };
  return [...inRounds, ...stormOf(chosen, storm, choice), ...pairsOf(chosen, Math.floor(storm / 2), choice)];
}

function isWithinBounds({ contender, outcomes }: Column): boolean {
  return outcomes.every((outcome) => isFine(outcome, contender.door, CLIENTS));
}

function lineOf({ name, door }: Contender, outcome: Outcome): string {
  const { fault, served, bad, stuck = '' } = outcome;
  const verdict = isFine(outcome, door, CLIENTS) ? 'ok  ' : 'LOST';
  return `${verdict} ${name}, ${fault.row === undefined ? '' : '(storm) '}${fault.name}: ${String(served)} served ${JSON.stringify(bad)} ${stuck}`;
}
