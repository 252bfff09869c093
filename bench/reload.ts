/** What clients notice of a reload: keep-alive clients that ask without a pause, before it and during it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../test/helpers/eventually.ts';
import { onEnd, type Scope } from '../test/helpers/scope.ts';
import { tempDir } from '../test/helpers/temp.ts';
import { type Answered, Clients, percentile99 } from './clients.ts';
import type { Started } from './servers.ts';

const CLIENTS = 32;
/** What of the old code is still on its way when the new one has answered first. */
const TAIL_MS = 250;

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
  const clients = new Clients(server.address, { clients: CLIENTS, next: () => '/' });
  onEnd(scope, () => clients.stop());
  await pause(500);
  const before: Answered[] = [];
  const during: Answered[] = [];
  const end = performance.now() + seconds * 1000;
  for (let version = 1; performance.now() < end || version <= 3; version++) {
    before.push(...(await clients.answeredDuring(() => pause(500))));
    during.push(...(await clients.answeredDuring(() => reload(server, { folder, clients, version: String(version) }))));
  }
  clients.stop();
  return { slowdown: percentile99(during) / percentile99(before), longest: Math.max(...during.map(({ milliseconds }) => milliseconds)) };
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
