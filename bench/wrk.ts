import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { formatAddress } from '../test/helpers/address.ts';
import type { Started } from './servers.ts';

const run = promisify(execFile);

const WARM_UP_SECONDS = 1;

/** Measures with one thread of wrk and so many connections; any answer but a good one spoils the figure. */
export function requestsPerSecond(connections: number): (server: Started, seconds: number) => Promise<number> {
  return async ({ address }, seconds) => {
    await wrk(formatAddress(address), connections, WARM_UP_SECONDS);
    return wrk(formatAddress(address), connections, seconds);
  };
}

async function wrk(host: string, connections: number, seconds: number): Promise<number> {
  const { stdout } = await run('wrk', ['-t1', `-c${String(connections)}`, `-d${String(seconds)}s`, `http://${host}/`]);
  const wrong = /Non-2xx.*|Socket errors: connect (?!0,).*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(`${host}: ${wrong}`);
  const figure = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (figure === undefined) throw new Error(`wrk says no figure:\n${stdout}`);
  return Number(figure);
}
