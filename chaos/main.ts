/**
 * `npm run test:chaos`: every fault done to tsuwsgi and to its peers under load, and a table of what was lost.
 *
 *     --seed N      decides the order and the victims (printed; another one each time)
 *     --rounds N    how often each fault is done (3)
 *     --write       put the table into docs/reliability.md
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/helpers/paths.ts';
import { requires } from '../test/helpers/requirements.ts';
import { FAULTS, faultsOfItsOwn, type Fault } from './faults.ts';
import { formatPage, type Table } from './page.ts';
import { losses, type Outcome, runChaos } from './suite.ts';
import { type Contender, PEERS, TSUWSGI } from './targets.ts';

const CLIENTS = 8;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const rounds = Number(values.rounds);
console.log(`seed ${String(seed)}, ${String(rounds)} rounds, ${String(CLIENTS)} clients`);

const own = faultsOfItsOwn(CLIENTS);
const tables: Table[] = [{ name: TSUWSGI.name, outcomes: await measure(TSUWSGI, [...FAULTS, ...own]) }];
for (const peer of PEERS) {
  const absent = requires(...peer.needs);
  tables.push(absent === false ? { name: peer.name, outcomes: await measure(peer, FAULTS) } : { name: peer.name, outcomes: [], absent });
}
const page = formatPage(tables, [...FAULTS, ...own], { seed, rounds, clients: CLIENTS });
console.log(`\n${page}`);
if (values.write) writeFileSync(join(ROOT, 'docs/reliability.md'), page);
process.exitCode = tables[0]?.outcomes.every(isWithinBounds) === true ? 0 : 1;

async function measure(contender: Contender, faults: readonly Fault[]): Promise<readonly Outcome[]> {
  const all: Outcome[] = [];
  for (let round = 0; round < rounds; round++) {
    const outcomes = await runChaos({ contender, faults, seed: seed + round, clients: CLIENTS });
    for (const outcome of outcomes) console.log(`${contender.name}, round ${String(round + 1)}: ${JSON.stringify(outcome)}`);
    all.push(...outcomes);
  }
  return all;
}

function isWithinBounds(outcome: Outcome): boolean {
  const fault = [...FAULTS, ...own].find(({ name }) => name === outcome.fault);
  return outcome.stuck === undefined && losses(outcome) <= (fault?.mayLose ?? 0);
}
