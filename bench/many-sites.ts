/** Twenty small sites on one server, of which only one is asked for. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../test/helpers/address.ts';
import { fetchOnce } from '../test/helpers/http.ts';
import { pssKib, treeOf } from '../test/helpers/processes.ts';
import { onEnd, type Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import type { Logging, Started } from './servers.ts';

/** The first request to a site that sleeps, in milliseconds: the median over all sites. */
export interface WakeUp {
  readonly total: number;
  /** As the log tells it. */
  readonly imported: number;
  readonly beyond: number;
}

const SITES = 20;
const CLIENTS = 4;
/** A site that is busy and not drowned: what is left of the machine is for the others. */
const THINKING_MS = 5;
/** So often a site is asked, by all clients at once, that each of its workers has answered. */
const WARM_UP_ROUNDS = 5;
/** No process has come or gone for so long: whoever was to sleep does. */
const SETTLED_MS = 6000;

const SITE = (number: number): string => `from flask import Flask, jsonify

app = application = Flask(__name__)


@app.route("/")
def index():
    return jsonify(site=${String(number)})
`;

/** The words that mount them, each at a path of its own. */
export function manySites(scope: Scope): string {
  const folder = tempDir(scope, Object.fromEntries(numbers().map((number) => [`site${String(number)}.py`, SITE(number)])));
  const mounts = numbers().map((number) => `--mount ${pathOf(number)}=site${String(number)}.py`);
  return `-M -L --chdir ${folder} --manage-script-name ${mounts.join(' ')}`;
}

/** Memory of a server and all below it in KiB, once all sites were asked and only the first one is any more. */
export async function memoryOfSites(scope: Scope, { pid, address }: Started): Promise<number> {
  for (const number of numbers()) {
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      await Promise.all(Array.from({ length: CLIENTS }, () => ask(address, number)));
    }
  }
  keepBusy(scope, address);
  await settled(pid);
  return pssKib(treeOf(pid).map((one) => one.pid));
}

/** Asks one site after the other for the first time. */
export async function wakeUp(scope: Scope, { address, logFile }: Logging): Promise<WakeUp> {
  keepBusy(scope, address);
  await ask(address, 1);
  const found: WakeUp[] = [];
  for (const number of numbers().slice(1)) {
    const began = performance.now();
    await ask(address, number);
    const total = performance.now() - began;
    const imported = importTime(readFileSync(logFile, 'utf8'), number);
    found.push({ total, imported, beyond: total - imported });
  }
  const middle = (figure: (one: WakeUp) => number): number =>
    found.map(figure).toSorted((one, other) => one - other)[Math.floor(found.length / 2)] ?? NaN;
  return { total: middle(({ total }) => total), imported: middle(({ imported }) => imported), beyond: middle(({ beyond }) => beyond) };
}

function numbers(): readonly number[] {
  return Array.from({ length: SITES }, (_, index) => index + 1);
}

function pathOf(number: number): string {
  return `/site${String(number)}`;
}

async function ask(address: Address, number: number): Promise<void> {
  const { status, text } = await fetchOnce(address, `${pathOf(number)}/`);
  if (status !== 200 || !text.includes(`"site":${String(number)}`))
    throw new Error(`site ${String(number)} answers ${String(status)}: ${text}`);
}

/** Clients of the first site, until the scope ends. */
function keepBusy(scope: Scope, address: Address): void {
  const state = { isOver: false };
  const client = async (): Promise<void> => {
    while (!state.isOver) {
      await ask(address, 1);
      await pause(THINKING_MS);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  onEnd(scope, async () => {
    state.isOver = true;
    await Promise.all(clients);
  });
}

async function settled(pid: number): Promise<void> {
  let known = '';
  for (let since = performance.now(); performance.now() - since < SETTLED_MS; await pause(250)) {
    const now = treeOf(pid)
      .map((one) => one.pid)
      .join(' ');
    if (now !== known) since = performance.now();
    known = now;
  }
}

/** In milliseconds. */
function importTime(log: string, number: number): number {
  const seconds = new RegExp(`^application site${String(number)}\\.py .* loaded in ([\\d.]+) s$`, 'm').exec(log)?.[1];
  if (seconds === undefined) throw new Error(`the log does not tell how long the import of site ${String(number)} took`);
  return Number(seconds) * 1000;
}
