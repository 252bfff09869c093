import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatAddress } from '../test/helpers/address.ts';
import type { Started } from './servers.ts';

const run = promisify(execFile);

/** wrk's units of time. */
const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

const WARM_UP_SECONDS = 1;

/** Measures with one thread of wrk and so many connections; any answer but a good one spoils the figure. */
export function requestsPerSecond(connections: number): (server: Started, seconds: number) => Promise<number> {
  return async ({ address }, seconds) => {
    const target = { host: formatAddress(address) };
    await wrk(target, connections, WARM_UP_SECONDS);
    return wrk(target, connections, seconds);
  };
}

/** What one run of wrk says of a server. */
export interface Pace {
  readonly rate: number;
  /** The 99th percentile of the response times, in milliseconds. */
  readonly p99: number;
}

/** Measures how fast a page comes on so many connections. */
export async function paceOf(
  { address }: Started,
  path: string,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Pace> {
  const target = { host: formatAddress(address), path };
  await wrk(target, connections, WARM_UP_SECONDS);
  return said(await output(target, connections, seconds));
}

/** Bodies that go up or down. */
export interface Transfers {
  /** Of each, in bytes. */
  readonly size: number;
  readonly connections: number;
}

/** Bodies that go up, in MB (10^6 bytes) a second. */
export function uploaded(transfers: Transfers): (server: Started, seconds: number) => Promise<number> {
  const script = ['wrk.method = "POST"', `wrk.body = string.rep("x", ${String(transfers.size)})`].join('\n');
  return transferred(transfers, '/', script);
}

/** The same for those that come down. */
export function downloaded(transfers: Transfers): (server: Started, seconds: number) => Promise<number> {
  return transferred(transfers, `/${String(transfers.size)}`, '');
}

function transferred(
  { size, connections }: Transfers,
  path: string,
  script: string,
): (server: Started, seconds: number) => Promise<number> {
  return async ({ address }, seconds) => {
    const folder = mkdtempSync(join(tmpdir(), 'tsu-bench-'));
    const file = join(folder, 'transfer.lua');
    writeFileSync(file, script);
    const target = { host: formatAddress(address), path, script: file };
    try {
      await wrk(target, connections, WARM_UP_SECONDS);
      return ((await wrk(target, connections, seconds)) * size) / 1e6;
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

async function wrk(target: Target, connections: number, seconds: number): Promise<number> {
  return said(await output(target, connections, seconds)).rate;
}

/** What wrk prints; any answer but a good one is an error. */
async function output({ host, path = '/', script }: Target, connections: number, seconds: number): Promise<string> {
  const how = [
    '-t1',
    `-c${String(connections)}`,
    `-d${String(seconds)}s`,
    '--latency',
    '--timeout',
    '30s',
    ...(script === undefined ? [] : ['-s', script]),
  ];
  const { stdout } = await run('wrk', [...how, `http://${host}${path}`]);
  demandGoodAnswers(host, stdout);
  return stdout;
}

/**
 * Any answer but a good one spoils a figure.
 *
 * @param stdout what wrk has printed
 */
export function demandGoodAnswers(host: string, stdout: string): void {
  const wrong = /Non-2xx.*|Socket errors: connect (?!0,).*/.exec(stdout)?.[0];
  if (wrong !== undefined) throw new Error(`${host}: ${wrong}`);
}

function said(stdout: string): Pace {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  const [, p99, unit = ''] = /^\s+99%\s+([\d.]+)(us|ms|s|m)\s*$/m.exec(stdout) ?? [];
  if (rate === undefined || p99 === undefined) throw new Error(`wrk says no figure:\n${stdout}`);
  return { rate: Number(rate), p99: Number(p99) * (MILLISECONDS[unit] ?? NaN) };
}
