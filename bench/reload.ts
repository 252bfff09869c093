/** What clients notice of a reload: keep-alive clients that ask without a pause, before it and during it. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Address } from '../test/helpers/address.ts';
import { eventually } from '../test/helpers/eventually.ts';
import { onEnd, type Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import type { Started } from './servers.ts';

const CLIENTS = 32;
/** What of the old code is still on its way when the new one has answered first. */
const TAIL_MS = 250;
const QUERY = Buffer.from('GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n');

/** Says how often it was loaded; importing it takes as long as importing Flask. */
const SITE = `from flask import Flask

with open("version") as file:
    VERSION = file.read()
app = application = Flask(__name__)


@app.route("/")
def index():
    return VERSION
`;

export interface ReloadFigures {
  /** The 99th percentile of the response times during reloads, by that before them. */
  readonly slowdown: number;
  /** The longest that a request took during a reload, in milliseconds. */
  readonly longest: number;
}

/** Reloads a server over and over for so many seconds. `start` gets the site's folder. */
export async function measureReloads(
  scope: Scope,
  start: (scope: Scope, folder: string) => Promise<Started>,
  seconds: number,
): Promise<ReloadFigures> {
  const folder = tempDir(scope, { 'site.wsgi.py': SITE, version: '0' });
  const server = await start(scope, folder);
  const clients = new Clients(server.address);
  onEnd(scope, () => clients.stop());
  await pause(500);
  const before: number[] = [];
  const during: number[] = [];
  const end = performance.now() + seconds * 1000;
  for (let version = 1; performance.now() < end || version <= 3; version++) {
    before.push(...(await clients.timesOf(() => pause(500))));
    during.push(...(await clients.timesOf(() => reload(server, { folder, clients, version: String(version) }))));
  }
  clients.stop();
  return { slowdown: percentile99(during) / percentile99(before), longest: Math.max(...during) };
}

async function reload(
  { pid }: Started,
  { folder, clients, version }: { folder: string; clients: Clients; version: string },
): Promise<void> {
  writeFileSync(join(folder, 'version'), version);
  process.kill(pid, 'SIGHUP');
  await eventually(`version ${version}`, () => clients.lastBody === version, 20_000);
  await pause(TAIL_MS);
}

function percentile99(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? NaN;
}

/** Each has one request on its way, always. Nothing is parsed but what is needed, so that it is the server that is measured. */
class Clients {
  lastBody = '';
  #times: number[] = [];
  #isOver = false;
  readonly #address: Address;

  constructor(address: Address) {
    this.#address = address;
    for (let nth = 0; nth < CLIENTS; nth++) this.#ask();
  }

  /** The response times, in milliseconds, of what was answered while this went on. */
  async timesOf(action: () => Promise<void>): Promise<readonly number[]> {
    this.#times = [];
    await action();
    return this.#times;
  }

  stop(): void {
    this.#isOver = true;
  }

  /** One connection after the other. */
  #ask(): void {
    const socket = connect({ ...this.#address, noDelay: true });
    let began = NaN;
    let answer = '';
    const send = (): void => {
      if (this.#isOver) return void socket.destroy();
      began = performance.now();
      answer = '';
      socket.write(QUERY);
    };
    socket.on('connect', send);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      const body = bodyOf(answer);
      if (body === undefined) return;
      this.#times.push(performance.now() - began);
      this.lastBody = body;
      began = NaN;
      if (/^connection: close\r$/im.test(answer)) socket.end();
      else send();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!this.#isOver) setImmediate(() => this.#ask());
    });
  }
}

/** Undefined while it is not all there. */
function bodyOf(answer: string): string | undefined {
  const end = answer.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)\r$/im.exec(answer)?.[1];
  if (end === -1 || length === undefined || answer.length < end + 4 + Number(length)) return undefined;
  return answer.slice(end + 4);
}
