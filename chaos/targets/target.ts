import { closeSync, constants, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, formatAddress, freePort, parseAddress } from '../../test/helpers/address.ts';
import { type Child, launch } from '../../test/helpers/child.ts';
import { eventually } from '../../test/helpers/eventually.ts';
import { fetchOnce } from '../../test/helpers/http.ts';
import { type Load, startLoad } from '../../test/helpers/load.ts';
import { startNginx, uwsgiPass } from '../../test/helpers/nginx.ts';
import { treeOf } from '../../test/helpers/processes.ts';
import type { Scope } from '../../test/helpers/scope.ts';
import { tempDir } from '../../test/helpers/temp.ts';
import { uwsgiRequest } from '../../test/helpers/uwsgi-client.ts';
import { pick, type Random } from '../random.ts';
import type { Contender, Order, Part, Setup, Stage } from './contender.ts';
import { type Code, codeIn } from './site.ts';
import { environmentFor, seenBy, setClock, wrap } from './surroundings.ts';

/** A change that takes longer than this does not come. */
const DEADLINE_MS = 30_000;
const START_MS = 15_000;
const GOOD_REQUESTS = 40;
const LAST_LINES = 30;

export interface Conditions {
  readonly clients: number;
  readonly random: Random;
  readonly stage: Stage;
}

/** A running server under load, and what can be done to it. */
export class Target {
  readonly contender: Contender;
  readonly child: Child;
  readonly code: Code;
  readonly load: Load;
  readonly random: Random;
  /** Where the clients come in: the server itself, or nginx before it. */
  readonly address: Address;
  readonly #setup: Setup;

  constructor({ contender, child, code, load, random, address, setup }: TargetParts) {
    this.contender = contender;
    this.child = child;
    this.code = code;
    this.load = load;
    this.random = random;
    this.address = address;
    this.#setup = setup;
  }

  get pid(): number {
    return this.child.pid;
  }

  /** The server's own address. */
  get ownAddress(): Address {
    return parseAddress(this.#setup.addresses[0] ?? '');
  }

  /** A path on the disk of the log. */
  onLogDisk(name: string): string {
    return seenBy(this.pid, join(this.#setup.dir, 'log', name));
  }

  get log(): string {
    return this.onLogDisk('server.log');
  }

  processes(): readonly number[] {
    return treeOf(this.pid).map(({ pid }) => pid);
  }

  family(part: Part): readonly number[] {
    return this.contender.part(part, this.pid, this.child.family()).map(({ pid }) => pid);
  }

  /** One of them, waited for where there is none at the moment. */
  async oneOf(part: Part): Promise<number> {
    return eventually(`a ${part}`, () => pick(this.family(part), this.random), DEADLINE_MS);
  }

  /** Waits until a number of requests more had a good answer. */
  serves(): Promise<void> {
    return this.load.good(GOOD_REQUESTS, DEADLINE_MS);
  }

  /** Changes the code, asks for a reload and waits until the new code answers. */
  async reload(): Promise<void> {
    const version = this.code.renew();
    this.child.signal('SIGHUP');
    await this.answers(version);
  }

  answers(version: string): Promise<void> {
    return this.load.body(version, DEADLINE_MS);
  }

  /** Reloads with another configuration. */
  async reconfigure(change: Partial<Pick<Setup, 'addresses' | 'threads'>>): Promise<void> {
    const { contender } = this;
    writeFileSync(join(this.#setup.dir, contender.configName), contender.configure({ ...this.#setup, ...change }));
    await this.reload();
  }

  /** The server's address and another one. */
  async withAnotherAddress(): Promise<readonly [string, string]> {
    return [this.#setup.addresses[0] ?? '', await freeAddress()];
  }

  /** Whether somebody answers at an address of the server's kind. */
  isServed(address: string): Promise<boolean> {
    return isServed(this.contender, address);
  }

  async eventually(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(what, ask, DEADLINE_MS);
  }

  /** Gives an order, and waits until the server says that it has been carried out, if it says so at all. */
  async order(order: Order): Promise<void> {
    const telling = this.contender.orders[order];
    if (telling === undefined) throw new Error(`${this.contender.name} knows no ${order}`);
    const { done } = telling;
    const said = (words: string): number => readOrNothing(this.log).split(words).length;
    const before = done === undefined ? 0 : said(done);
    if ('signal' in telling) this.child.signal(telling.signal);
    else writeFifo(join(this.#setup.dir, 'fifo'), telling.character);
    if (done !== undefined) await this.eventually(`the end of the ${order}`, () => said(done) > before);
  }

  /** Puts the server's clock so many seconds from the true one. */
  setClock(seconds: number): void {
    setClock(this.#setup.dir, seconds);
  }

  /** What the server said last. */
  lastWords(): string {
    return lastLines(this.child.log, readOrNothing(this.log));
  }
}

interface TargetParts extends Pick<Target, 'contender' | 'child' | 'code' | 'load' | 'random' | 'address'> {
  readonly setup: Setup;
}

/** Starts a server and its clients. */
export async function startTarget(scope: Scope, contender: Contender, { clients, random, stage }: Conditions): Promise<Target> {
  const dir = tempDir(scope);
  mkdirSync(join(dir, 'log'));
  const setup: Setup = { stage, dir, addresses: [await freeAddress()], threads: 1, log: join(dir, 'log/server.log') };
  const code = codeIn(dir);
  const child = await startServerFor(scope, contender, setup);
  const own = parseAddress(setup.addresses[0] ?? '');
  const address = contender.door === 'nginx' ? (await startNginx(scope, { server: uwsgiPass(own) })).address : own;
  const load = startLoad(scope, address, { clients, speak: contender.door === 'uwsgi' ? 'uwsgi' : 'http' });
  return new Target({ contender, child, code, load, random, address, setup });
}

async function startServerFor(scope: Scope, contender: Contender, setup: Setup): Promise<Child> {
  const { dir, stage, log } = setup;
  writeFileSync(join(dir, contender.configName), contender.configure(setup));
  const [command = '', ...words] = wrap(contender.command, join(dir, 'log'));
  const env = environmentFor(stage, dir);
  const child = launch(scope, { command, words, cwd: dir, env, ...contender.stop });
  try {
    await eventually(`an answer of ${contender.name}`, () => isServed(contender, setup.addresses[0] ?? ''), START_MS);
  } catch (cause) {
    throw new Error(lastLines(child.log, readOrNothing(seenBy(child.pid, log))), { cause });
  }
  return child;
}

async function isServed({ door }: Contender, address: string): Promise<boolean> {
  const ask = door === 'http' ? fetchOnce : uwsgiRequest;
  try {
    return (await ask(parseAddress(address), '/')).status === 200;
  } catch {
    // Nobody is there, or nobody yet.
    return false;
  }
}

async function freeAddress(): Promise<string> {
  return formatAddress({ host: '127.0.0.1', port: await freePort() });
}

/** Fails rather than waits where nobody reads. */
function writeFifo(path: string, character: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(file, character);
  closeSync(file);
}

/** Without the lines of requests. */
function lastLines(...texts: readonly string[]): string {
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => !/\bGET \//.test(line));
  return texts.flatMap((text) => lines(text).slice(-LAST_LINES)).join('\n');
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended, and its disk with it.
    return '';
  }
}
