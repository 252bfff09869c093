import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatAddress } from '../test/helpers/address.ts';
import type { Started } from './servers.ts';

const run = promisify(execFile);

const WARM_UP_SECONDS = 1;
/** Connections on which bodies go up or down. */
const TRANSFERS = 4;

/** Measures with one thread of wrk and so many connections; any answer but a good one spoils the figure. */
export function requestsPerSecond(connections: number): (server: Started, seconds: number) => Promise<number> {
  return async ({ address }, seconds) => {
    const target = { host: formatAddress(address) };
    await wrk(target, connections, WARM_UP_SECONDS);
    return wrk(target, connections, seconds);
  };
}

/** Bodies of so many bytes that go up, in MB (10^6 bytes) a second. */
export function uploaded(size: number): (server: Started, seconds: number) => Promise<number> {
  const script = ['wrk.method = "POST"', `wrk.body = string.rep("x", ${String(size)})`].join('\n');
  return transferred(size, '/', script);
}

/** The same for those that come down. */
export function downloaded(size: number): (server: Started, seconds: number) => Promise<number> {
  return transferred(size, `/${String(size)}`, '');
}

function transferred(size: number, path: string, script: string): (server: Started, seconds: number) => Promise<number> {
  return async ({ address }, seconds) => {
    const folder = mkdtempSync(join(tmpdir(), 'tsu-bench-'));
    const file = join(folder, 'transfer.lua');
    writeFileSync(file, script);
    const target = { host: formatAddress(address), path, script: file };
    try {
      await wrk(target, TRANSFERS, WARM_UP_SECONDS);
      return ((await wrk(target, TRANSFERS, seconds)) * size) / 1e6;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** What wrk asks for. */
interface Target {
  readonly host: string;
  readonly path?: string;
  /** A file with its script. */
  readonly script?: string;
}

async function wrk({ host, path = '/', script }: Target, connections: number, seconds: number): Promise<number> {
  const how = [
    '-t1',
    `-c${String(connections)}`,
    `-d${String(seconds)}s`,
    '--timeout',
    '30s',
    ...(script === undefined ? [] : ['-s', script]),
  ];
  const { stdout } = await run('wrk', [...how, `http://${host}${path}`]);
  const wrong = /Non-2xx.*|Socket errors: connect (?!0,).*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(`${host}: ${wrong}`);
  const figure = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (figure === undefined) throw new Error(`wrk says no figure:\n${stdout}`);
  return Number(figure);
}
