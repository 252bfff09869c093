/**
 * `npm run bench:micro`: the pieces of the hot path, each by itself, in nanoseconds.
 *
 *     --rounds N    how often each piece is timed (7)
 *     --seconds N   how long that takes each time (0.2)
 *     --only WORD   only pieces whose name contains it; may be repeated
 *     --write       put the tables into docs/micro-benchmarks.md
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PYTHON, ROOT } from '../../test/helpers/paths.ts';
import { isAmong, positive, refuse } from '../arguments.ts';
import { commit, hardware, said } from '../machine.ts';
import { dispatcherPieces } from './dispatcher.ts';
import { formatPage, formatTimings } from './page.ts';
import { protocolPieces } from './protocols.ts';
import { timePieces } from './stopwatch.ts';
import { wirePieces } from './wire.ts';
import { timeWorkerPieces } from './worker.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '0.2' },
    only: { type: 'string', multiple: true, default: [] },
    write: { type: 'boolean', default: false },
  },
});
if (values.write && values.only.length > 0) refuse('--write takes all pieces: leave out --only');
const pace = { rounds: positive('rounds', values.rounds), seconds: positive('seconds', values.seconds, 'any') };

const pieces = [...protocolPieces(), ...wirePieces(), ...dispatcherPieces()].filter(({ name }) => isAmong(values.only, name));
const gateway = await timePieces(pieces, pace);
const worker = timeWorkerPieces({ ...pace, only: values.only });
if (gateway.length + worker.length === 0) refuse(`--only ${values.only.join(' --only ')} names none of the pieces`);
const tables = [formatTimings('In the gateway', gateway), formatTimings('In a worker', worker)];
console.log(`\n${tables.join('\n\n')}`);
if (values.write) writeFileSync(join(ROOT, 'docs/micro-benchmarks.md'), formatPage(circumstances(), tables));

function circumstances() {
  return {
    words: `npm run bench:micro -- --rounds ${values.rounds} --seconds ${values.seconds} --write`,
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: hardware(),
    versions: [`Node ${process.versions.node}`, said(PYTHON, '--version')],
  };
}
