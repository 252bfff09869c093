import { NoSuchWorkerError, StoppingError } from '../errors/operate.ts';
import type { Log } from '../log/log.ts';
import type { LogFile } from '../log/log-file.ts';
import type { Sites } from '../sites/sites.ts';
import { formatDocument, type StatsDocument } from '../stats/document.ts';
import { formatRecent, type Recent } from '../stats/recent.ts';
import { summarize } from '../stats/summary.ts';
import type { Order } from '../wire/operator.ts';
import { stacksOf, type StacksPorts } from '../workers/stacks.ts';
import type { Worker } from '../workers/worker.ts';
import type { Action } from './actions.ts';
import type { GatewayLink } from './gateway-link.ts';
import type { ReloadRequest } from './reload.ts';

export interface OperationPorts extends StacksPorts {
  readonly sites: Pick<
    Sites,
    'pause' | 'resume' | 'scale' | 'scaleBy' | 'wanted' | 'workers' | 'isAsleep' | 'fallAsleep' | 'wake' | 'successor'
  > & {
    /** One for each application. */
    readonly all: readonly unknown[];
  };
  /** Undefined where there is none, or not yet. */
  gateway(): Pick<GatewayLink, 'pause' | 'resume'> | undefined;
  /** Settled when the new workers serve; rejected with a ReloadError when they do not. */
  reload(request: ReloadRequest): Promise<void>;
  /** Settled when all is ended. */
  stop(how: 'gracefully' | 'now', because: string): Promise<void>;
  statistics(): StatsDocument;
  /** The same, in which requests that run for long have all their variables. */
  describe(): Promise<StatsDocument>;
  recent(): Recent;
  writePidFiles(): readonly string[];
  /** Undefined where the log is no file of ours. */
  readonly logFile: Pick<LogFile, 'reopen' | 'rotate'> | undefined;
  readonly log: Log;
}

/** Carries out what operators ask for, whichever way they ask. */
export class Operations {
  readonly #ports: OperationPorts;
  #isPaused = false;
  #isStopping = false;

  constructor(ports: OperationPorts) {
    this.#ports = ports;
  }

  /** No requests are taken until somebody resumes. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Does what a command asks for, and gives it the answer piece by piece.
   *
   * @returns a sentence that says what was done
   * @throws TsuwsgiError that says why it was not
   */
  async obey(order: Order, because: string, answer: (text: string) => void): Promise<string> {
    switch (order.type) {
      case 'scale':
        return this.#scale(order.workers, because);
      case 'stats':
        answer(formatDocument(await this.#ports.describe()));
        return 'these are the statistics';
      case 'recent':
        answer(formatRecent(this.#ports.recent()));
        return 'this is what happened lately';
      case 'stacks':
        for (const text of await this.#stacks(order.worker)) answer(text);
        return 'these are the Python stacks';
      default:
        return this.perform(order.type, because);
    }
  }

  /** The same for what needs no answer but that sentence. What goes wrong is in the log as well. */
  async perform(action: Action, because: string): Promise<string> {
    try {
      return await this.#carryOut(action, because);
    } catch (error) {
      this.#ports.log.event(`${because}: ${(error as Error).message}`);
      throw error;
    }
  }

  async #carryOut(action: Action, because: string): Promise<string> {
    const { sites, log } = this.#ports;
    switch (action) {
      case 'reload':
        await this.#ports.reload({ because, how: 'together' });
        return `reloaded: ${sites.successor}`;
      case 'chain-reload':
        await this.#ports.reload({ because, how: 'in-chain' });
        return `reloaded one by one: ${sites.successor}`;
      case 'stop-gracefully':
      case 'stop-now':
        return this.#stop(action, because);
      case 'pause':
        return this.#pause(because);
      case 'resume':
        return this.#resume(because);
      case 'toggle-pause':
        return this.#isPaused ? this.#resume(because) : this.#pause(because);
      case 'one-more-worker':
        return this.#scaleBy(1, because);
      case 'one-worker-less':
        return sites.isAsleep ? 'asleep: there is no worker' : this.#scaleBy(-1, because);
      case 'go-cheap':
        return this.#goCheap(because);
      case 'log-stats':
        for (const line of summarize(this.#ports.statistics())) log.event(line);
        return 'the statistics are in the log';
      case 'log-stacks':
        log.event(`${because}: the Python stacks of all workers follow`);
        for (const text of await this.#stacks()) log.line(text.trimEnd());
        return 'the stacks are in the log';
      case 'reopen-log':
        return this.#exchangeLog('reopen', because);
      case 'rotate-log':
        return this.#exchangeLog('rotate', because);
      case 'write-pid-files':
        return this.#tell(because, describeFiles(this.#ports.writePidFiles()));
    }
  }

  async #stop(action: 'stop-gracefully' | 'stop-now', because: string): Promise<string> {
    this.#isStopping = true;
    // What waits would wait for ever: whoever was accepted before the end is answered.
    if (action === 'stop-gracefully' && this.#isPaused) this.#resume(because);
    await this.#ports.stop(action === 'stop-now' ? 'now' : 'gracefully', because);
    return 'stopped';
  }

  #pause(because: string): string {
    if (this.#isStopping) throw new StoppingError();
    if (this.#isPaused) return 'paused already';
    this.#isPaused = true;
    this.#ports.gateway()?.pause();
    this.#ports.sites.pause();
    return this.#tell(because, 'paused: what runs is finished, new requests wait');
  }

  #resume(because: string): string {
    if (!this.#isPaused) return 'not paused';
    this.#isPaused = false;
    this.#ports.sites.resume();
    this.#ports.gateway()?.resume();
    return this.#tell(because, 'resumed');
  }

  async #goCheap(because: string): Promise<string> {
    if (this.#isStopping) throw new StoppingError();
    if (!(await this.#ports.sites.fallAsleep())) return 'asleep already';
    return this.#tell(because, 'asleep: the workers finish what they run, the next request starts new ones');
  }

  async #scale(wanted: number, because: string): Promise<string> {
    return this.#rescale((sites) => sites.scale(wanted), { wanted, because });
  }

  /** Each application has so many more, whatever it has. */
  async #scaleBy(change: number, because: string): Promise<string> {
    return this.#rescale((sites) => sites.scaleBy(change), { wanted: this.#ports.sites.wanted + change, because });
  }

  async #rescale(
    scale: (sites: OperationPorts['sites']) => number,
    { wanted, because }: { wanted: number; because: string },
  ): Promise<string> {
    if (this.#isStopping) throw new StoppingError();
    const { sites } = this.#ports;
    const before = sites.wanted;
    const now = scale(sites);
    if (sites.isAsleep) await sites.wake(because);
    const limit = now === wanted ? '' : `, and not ${wanted}: that is the limit`;
    return this.#tell(because, `${describeWanted(now, sites.all.length)} instead of ${before}${limit}`);
  }

  /** It tells by itself what came of it. */
  #exchangeLog(how: 'reopen' | 'rotate', because: string): string {
    const { logFile } = this.#ports;
    if (logFile === undefined) return this.#tell(because, `there is no log file to ${how}`);
    logFile[how]();
    return 'the log tells what came of it';
  }

  /** A block of text for each worker that is asked, the lowest number first. */
  #stacks(id?: number): Promise<readonly string[]> {
    const asked = this.#ports.sites.workers.filter((worker) => id === undefined || worker.id === id);
    if (id !== undefined && asked.length === 0) throw new NoSuchWorkerError(id);
    return Promise.all(asked.sort((one, other) => one.id - other.id).map((worker) => this.#stacksBlock(worker)));
  }

  async #stacksBlock(worker: Worker): Promise<string> {
    const state = worker.state === 'serving' ? '' : `, ${worker.state}`;
    return `${worker.label}${state}:\n${await stacksOf(worker, this.#ports)}`;
  }

  /** For the log and for whoever asked. */
  #tell(because: string, what: string): string {
    this.#ports.log.event(`${because}: ${what}`);
    return what;
  }
}

function describeWanted(workers: number, applications: number): string {
  const many = `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  if (applications > 1) return `up to ${many} of each application ${workers === 1 ? 'is' : 'are'} wanted`;
  return `${many} ${workers === 1 ? 'is' : 'are'} wanted`;
}

function describeFiles(paths: readonly string[]): string {
  return paths.length === 0 ? 'there is no pid file to write' : `wrote ${paths.join(' and ')}`;
}
