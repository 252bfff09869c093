/**
 * `npm run bench:compare REV`: this commit and the work tree under the same loads, in turn, and what the change between them costs.
 *
 *     --rounds N    how many pairs of measurements each load has (8)
 *     --seconds N   how long each measurement takes (3)
 *     --only WORD   only loads whose name contains it; may be repeated
 *
 * Ends with status 1 where a load has become slower by more than 5 %, whatever noise there is, and with 2 where the words make no sense.
 */
import { parseArgs } from 'node:util';
import { requires } from '../../test/helpers/requirements.ts';
import { inOwnScope } from '../../test/helpers/scope.ts';
import { SERVER } from '../../test/helpers/server.ts';
import { isAmong, positive, refuse } from '../arguments.ts';
import { commit } from '../machine.ts';
import { formatFigure } from '../table.ts';
import { checkOut, commitOf } from './checkout.ts';
import { LOADS, type Load } from './loads.ts';
import { formatChanges, judge, type Measured, type Pair } from './pairs.ts';

const USAGE = 'Usage: npm run bench:compare REV -- [--rounds N] [--seconds N] [--only WORD]    for example: npm run bench:compare main';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const [revision = refuse(USAGE), ...tooMany] = positionals;
if (tooMany.length > 0) refuse(USAGE);
const rounds = positive('rounds', values.rounds);
const seconds = positive('seconds', values.seconds);
const earlier = commitOf(revision) ?? refuse(`git knows no commit "${revision}"`);
const chosen = LOADS.filter(({ name }) => isAmong(values.only, name));
if (chosen.length === 0)
  refuse(`--only ${values.only.join(' --only ')} names none of the loads:\n${LOADS.map(({ name }) => name).join('\n')}`);

// So that what is to be done at the end is done.
process.once('SIGINT', () => process.exit(130));
const servers = { before: checkOut(earlier), after: SERVER };
const measured: Measured[] = [];
for (const load of chosen) {
  const absent = requires(...load.needs);
  measured.push({ name: load.name, unit: load.unit, pairs: absent === false ? await measurePairs(load) : [], absent: absent || '' });
}
console.log(`\n${formatChanges(measured, { before: earlier.slice(0, 7), after: `work tree (${commit()})` })}`);

const slower = measured.filter(({ pairs }) => judge(pairs).verdict === 'slower');
for (const { name } of slower) console.error(`slower by more than 5 %: ${name}`);
process.exitCode = slower.length > 0 ? 1 : 0;

/** Each commit is first as often as the other. */
async function measurePairs(load: Load): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 1; round <= rounds; round++) {
    const pair = { before: NaN, after: NaN };
    for (const side of round % 2 === 1 ? (['before', 'after'] as const) : (['after', 'before'] as const)) {
      pair[side] = await measureOnce(load, servers[side]);
    }
    pairs.push(pair);
    console.log(`${load.name}, round ${String(round)}: ${formatFigure(pair.before)} → ${formatFigure(pair.after)} ${load.unit}`);
  }
  return pairs;
}

function measureOnce({ name, start, measure }: Load, server: readonly string[]): Promise<number> {
  return inOwnScope(name, async (scope) => measure(await start(scope, server), seconds));
}
