/**
 * `master-fifo`: a named pipe on which each character is an order, for `echo r > /run/app.fifo`.
 *
 * Of several, one is read at a time: a digit chooses which. So a new server can take over the first while the old one still listens to
 * its second.
 */
import { execFileSync } from 'node:child_process';
import { constants, lstatSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { ServerFileError } from '../errors/accounts.ts';
import type { Log } from '../log/log.ts';
import { type Action, FIFO_ACTIONS } from './actions.ts';

export interface FifoPorts {
  ask(action: Action, because: string): void;
  readonly log: Log;
}

export class MasterFifo {
  readonly #paths: readonly string[];
  readonly #ports: FifoPorts;
  /** The inodes of the pipes that we made. */
  readonly #made = new Map<string, number>();
  #reader: Socket;

  /** @throws ServerFileError when the first one cannot be made. */
  constructor(paths: readonly [string, ...string[]], ports: FifoPorts) {
    // The server may go to another directory later.
    this.#paths = paths.map((path) => resolve(path));
    this.#ports = ports;
    this.#reader = this.#read(resolve(paths[0]));
  }

  /** Stops listening. With `vacuum` the pipes are removed that are still ours. */
  close(files: 'keep' | 'vacuum'): void {
    this.#reader.destroy();
    if (files === 'keep') return;
    for (const [path, inode] of this.#made) if (statOf(path)?.ino === inode) rmSync(path, { force: true });
  }

  #read(path: string): Socket {
    const reader = new Socket({ fd: this.#open(path), readable: true, writable: false });
    reader.setEncoding('latin1');
    reader.on('data', (text: string) => {
      for (const character of text) this.#obey(character, path);
    });
    reader.on('error', (error) => this.#ports.log.event(`${path}: ${error.message}; it is not read any more`));
    return reader;
  }

  #open(path: string): number {
    try {
      if (statOf(path)?.isFIFO() === true) rmSync(path);
      // Node has no call for it.
      execFileSync('mkfifo', ['-m', '600', '--', path], { stdio: ['ignore', 'ignore', 'pipe'] });
      this.#made.set(path, lstatSync(path).ino);
      // Also for writing, though we never do: with a writer that stays, the last of the others does not end the stream.
      return openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    } catch (error) {
      throw new ServerFileError('make the FIFO', path, reasonOf(error, path));
    }
  }

  #obey(character: string, path: string): void {
    const because = `"${character}" from ${path}`;
    if (/\s/.test(character)) return;
    if (/\d/.test(character)) return this.#choose(Number(character), because);
    const action = FIFO_ACTIONS[character];
    if (action === undefined) this.#ports.log.event(`${because}: no such command`);
    else if (typeof action === 'string') this.#ports.ask(action, because);
    else this.#ports.log.event(`${because}: ${action.without}`);
  }

  #choose(slot: number, because: string): void {
    const path = this.#paths[slot];
    if (path === undefined) return this.#ports.log.event(`${because}: there is no master-fifo ${slot}`);
    try {
      const next = this.#read(path);
      this.#reader.destroy();
      this.#reader = next;
      this.#ports.log.event(`${because}: orders are read from ${path} now`);
    } catch (error) {
      this.#ports.log.event(`${because}: ${(error as Error).message}`);
    }
  }
}

function statOf(path: string): ReturnType<typeof lstatSync> | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** What mkfifo(1) says is for people; what was in the way is seen without it. */
function reasonOf(error: unknown, path: string): NodeJS.ErrnoException {
  const { stderr } = error as { stderr?: Buffer };
  if (stderr === undefined) return error as NodeJS.ErrnoException;
  if (statOf(path) !== undefined) return new Error('there is a file that is no FIFO');
  return new Error(stderr.toString().trim().split(': ').at(-1));
}
