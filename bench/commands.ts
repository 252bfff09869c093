import { spawnSync } from 'node:child_process';

/**
 * The median time in milliseconds that a command takes from its start to its end, run again and again for so many seconds.
 *
 * @throws Error when it fails
 */
export function wallTime([program = '', ...words]: readonly string[], seconds: number): number {
  const end = performance.now() + seconds * 1000;
  const times: number[] = [];
  while (times.length < 5 || performance.now() < end) {
    const began = performance.now();
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    times.push(performance.now() - began);
    if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with status ${String(status)}: ${stderr}`);
  }
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? NaN;
}
