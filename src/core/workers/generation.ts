import { ApplicationError } from '../errors/workers.ts';
import type { SpawnerHandle } from './spawner.ts';

export interface GenerationSize {
  readonly processes: number;
  /** Of each of them. */
  readonly threads: number;
}

/** One state of the code: a spawner that imported it, and the workers that were forked from it. */
export class Generation {
  readonly number: number;
  /** How many workers it is to have, of the ranks 1…wanted. */
  wanted: number;
  /** Threads of each of them. */
  readonly threads: number;
  /** So many of its workers have to be ready until it serves; all of them where there are fewer. */
  quorum = Infinity;
  /** Settled when its spawner holds the direct sockets open, or cannot. */
  readonly listening: Promise<void>;
  /** Settled when every worker of it could serve, or when that became hopeless. */
  readonly prepared: Promise<void>;
  spawner: SpawnerHandle | undefined;
  /** The application was imported, so workers can be forked. */
  isLoaded = false;
  /** It serves no more, or never will: no worker is forked from it again. */
  isOver = false;
  #resolve: () => void = () => undefined;
  #reject: (error: ApplicationError) => void = () => undefined;
  #markListening: () => void = () => undefined;
  #markDeaf: (error: ApplicationError) => void = () => undefined;
  #stillbirthsLeft: number;

  /** @param stillbirthsAllowed so many workers may die before they are ready until the generation is given up */
  constructor(number: number, { processes, threads }: GenerationSize, stillbirthsAllowed: number) {
    this.number = number;
    this.wanted = processes;
    this.threads = threads;
    this.#stillbirthsLeft = stillbirthsAllowed;
    this.prepared = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.listening = new Promise((resolve, reject) => {
      this.#markListening = resolve;
      this.#markDeaf = reject;
    });
    // The one who prepares a generation awaits these; a failure after a cancelled preparation has nobody to tell.
    this.prepared.catch(() => undefined);
    this.listening.catch(() => undefined);
  }

  listens(): void {
    this.#markListening();
  }

  succeed(): void {
    this.#resolve();
  }

  fail(reason: string, status: number): void {
    const error = new ApplicationError(reason, status);
    this.#markDeaf(error);
    this.#reject(error);
  }

  /** A worker ended before it was ready: once may be bad luck, again and again is a broken application. */
  countStillbirth(how: string, status: number): void {
    if (this.#stillbirthsLeft-- === 0) this.fail(`the workers end before they can serve: the last one ${how}`, status);
  }
}
