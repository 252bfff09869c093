import type { Launch } from '../../test/helpers/child.ts';
import type { ProcessInfo } from '../../test/helpers/processes.ts';

/** How clients come to a server: over HTTP, by the uwsgi protocol themselves, or through a real nginx that speaks it. */
export type Door = 'http' | 'uwsgi' | 'nginx';

/** What a server may have or lack. */
export type Ability = 'gateway' | 'spawner' | 'limits of memory' | 'chain reload' | 'scaling' | 'libfaketime';

/** What a server is made ready for. Nearly all faults are done to the same one; some need a server of their own. */
export type Stage = 'any fault' | 'a chain reload' | 'scaling' | 'clock jumps';

export type Part = 'worker' | 'spawner' | 'gateway';

/** How a server is started, again and again with the same files. */
export interface Setup {
  readonly stage: Stage;
  /** In it the application, the configuration and the FIFO. */
  readonly dir: string;
  /** HOST:PORT; the first one for the clients, another while the configuration is changed. */
  readonly addresses: readonly string[];
  readonly threads: number;
  readonly log: string;
}

/** One kind of server. */
export interface Contender {
  readonly name: string;
  /** What it does decides whether the suite succeeds. */
  readonly isOurs: boolean;
  readonly door: Door;
  /** Debian's packages without which it cannot be had. */
  readonly needs: readonly string[];
  readonly abilities: readonly Ability[];
  /** Stages that need another configuration; all others are served by that of any fault. */
  readonly ownStages: readonly Stage[];
  readonly command: readonly string[];
  readonly stop: Pick<Launch, 'stopSignal' | 'stopStatus'>;
  /** The name of its configuration file, which is named on the command line, and what stands in it. */
  readonly configName: string;
  readonly configure: (setup: Setup) => string;
  /** The processes of this kind, of those that the server started. */
  readonly part: (part: Part, master: number, family: readonly ProcessInfo[]) => readonly ProcessInfo[];
  /** How it is told these things. */
  readonly orders: Readonly<Partial<Record<Order, Telling>>>;
}

export type Order = 'chain reload' | 'one more worker' | 'one worker less';

/** A signal to the master, or a character in its FIFO; and the words in the log by which it says that this is done, if it does. */
export type Telling = ({ readonly signal: NodeJS.Signals } | { readonly character: string }) & { readonly done?: string };

/** What a server must not be done to, and what the limits that it is started with are. */
export const LIMITS = {
  /** MB; a worker has about 30. */
  reloadOnRss: 150,
  evilReloadOnRss: 400,
  limitAs: 1000,
  /** Descriptors of each process. */
  files: 300,
} as const;
