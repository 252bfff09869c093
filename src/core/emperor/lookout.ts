/** Notices what happens to the files of vassals: at once where the file system tells, and by looking at an interval. */
import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import { isVassalName } from '../config/vassal-name.ts';
import type { Log } from '../log/log.ts';
import type { After, Timer } from '../util/timer.ts';
import type { Look, Monitor, VassalFile } from './monitor.ts';
import { type Changes, Settling } from './settle.ts';

/** Long enough for whoever writes a file to finish. */
const SETTLE_MS = 100;

export interface LookoutPorts {
  readonly monitors: readonly Monitor[];
  readonly look: Look;
  readonly intervalMs: number;
  readonly after: After;
  readonly log: Log;
}

export class Lookout {
  readonly #ports: LookoutPorts;
  readonly #settling = new Settling();
  readonly #onChange: (changes: Changes) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  /** What each monitor could not do, so that it is told once. */
  readonly #troubles = new Map<Monitor, string>();
  /** What each saw last: a file system that does not answer for a while takes no vassal away. */
  readonly #seen = new Map<Monitor, readonly VassalFile[]>();
  #next: Timer | undefined;
  #isSoon = false;
  #isOver = false;

  constructor(ports: LookoutPorts, onChange: (changes: Changes) => void) {
    this.#ports = ports;
    this.#onChange = onChange;
  }

  begin(): void {
    this.#onChange(this.#settling.begin(this.#look()));
    this.#watch();
    this.#lookIn(this.#ports.intervalMs);
  }

  /** Something may have happened. */
  nudge(): void {
    if (this.#isSoon || this.#isOver) return;
    this.#isSoon = true;
    this.#lookIn(SETTLE_MS);
  }

  stop(): void {
    this.#isOver = true;
    this.#next?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #lookIn(milliseconds: number): void {
    this.#next?.cancel();
    this.#next = this.#ports.after(milliseconds, () => this.#lookAgain());
  }

  #lookAgain(): void {
    const { changes, isOpen } = this.#settling.next(this.#look());
    this.#isSoon = isOpen;
    this.#watch();
    this.#lookIn(isOpen ? SETTLE_MS : this.#ports.intervalMs);
    this.#onChange(changes);
  }

  #look(): readonly VassalFile[] {
    const found = this.#ports.monitors.flatMap((monitor) => this.#lookThrough(monitor));
    // A file that two monitors find is one vassal, and two of one name in two directories go by their paths.
    const files = [...new Map(found.map((file) => [file.path, file])).values()];
    const ids = files.map(({ id }) => id);
    return files.map((file, index) => (ids.indexOf(file.id) === index ? file : { ...file, id: file.path }));
  }

  #lookThrough(monitor: Monitor): readonly VassalFile[] {
    try {
      const found = monitor.look(this.#ports.look);
      this.#seen.set(monitor, found);
      this.#troubles.delete(monitor);
      return found;
    } catch (error) {
      const { message } = error as Error;
      if (this.#troubles.get(monitor) !== message) this.#ports.log.event(`[emperor] ${monitor.text}: ${message}; what runs goes on`);
      this.#troubles.set(monitor, message);
      return this.#seen.get(monitor) ?? [];
    }
  }

  #watch(): void {
    const folders = new Set(this.#ports.monitors.flatMap((monitor) => monitor.folders()));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watchOne(folder);
  }

  /** Where nothing can be watched (there is no such directory yet, the system has no more watches) the interval has to do. */
  #watchOne(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // The directory itself was moved or removed, and what comes in its place is another one.
        const isFolder = name === null || name === basename(folder);
        if (isFolder) this.#forget(folder);
        if (isFolder || isVassalName(name, this.#ports.look.moreExtensions)) this.nudge();
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // Said above.
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
