/** How long it takes from the start of a server to its first answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Address, freePort } from '../test/helpers/address.ts';
import { ConnectionLost } from '../test/helpers/byte-stream.ts';
import { launch, type Launch } from '../test/helpers/child.ts';
import { exchange } from '../test/helpers/http.ts';
import { APPS } from '../test/helpers/paths.ts';
import { inOwnScope, type Scope } from '../test/helpers/scope.ts';
import { median } from './table.ts';

const DEADLINE_MS = 20_000;
/** Between two attempts; as far as the figures may be off. */
const PAUSE_MS = 1;
const QUERY = 'GET / HTTP/1.1\r\nHost: bench.example\r\nConnection: close\r\n\r\n';

/** A program and its words, to which the address is added. */
export type Program = Pick<Launch, 'command' | 'words' | 'stopSignal'>;

/**
 * The median in milliseconds of starts for so many seconds, three at least, each until the first answer to a client who tries without end.
 *
 * @throws Error when the answer is not 200, or does not come
 */
export async function timeToFirstAnswer(program: Program, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const times: number[] = [];
  while (times.length < 3 || performance.now() < end) {
    times.push(await inOwnScope(`${program.command}, start ${String(times.length + 1)}`, (own) => timeOne(own, program)));
  }
  return median(times) ?? NaN;
}

async function timeOne(scope: Scope, { words, ...program }: Program): Promise<number> {
  const address = { host: '127.0.0.1', port: await freePort() };
  const began = performance.now();
  const child = launch(scope, {
    ...program,
    words: [...words, '--http-socket', `${address.host}:${String(address.port)}`],
    cwd: APPS,
    stopStatus: 'any',
  });
  for (;;) {
    const answer = await ask(address);
    if (answer.startsWith('HTTP/1.1 200 ')) return performance.now() - began;
    if (answer !== '') throw new Error(`${String(child)} answered ${answer}`);
    if (child.hasEnded || performance.now() - began > DEADLINE_MS) throw new Error(`${String(child)} does not answer:\n${child.log}`);
    await pause(PAUSE_MS);
  }
}

/** What comes back, or nothing while nobody is there. */
async function ask(address: Address): Promise<string> {
  try {
    return (await exchange(address, QUERY)).toString('latin1');
  } catch (error) {
    if (error instanceof ConnectionLost) return '';
    throw error;
  }
}
