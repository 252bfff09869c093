import { HookError } from '../errors/hooks.ts';
import type { HookStep, HooksPlan } from '../plan/hooks.ts';
import { ACTIONS, type HookSurroundings } from './hook-actions.ts';

/**
 * Does what the configuration wants done at certain moments of the master's life, one thing after the other.
 *
 *     asap ─▶ (pid file) ─▶ pre-jail ─▶ in-jail ─▶ as-root ─▶ (chdir, bind, give up root) ─▶ as-user ─▶ (workers) ─▶ master-start
 *     … (reloads: none of these) … (workers gone) ─▶ as-user-atexit
 */
export class HookRunner {
  readonly #surroundings: HookSurroundings;
  /** How the hook `exit` ends the server; a server with children has to end them first. */
  end: (status: number) => void = (status) => process.exit(status);

  constructor(surroundings: HookSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws HookError for the first one that cannot be done; those after it are not. */
  async run(steps: readonly HookStep[]): Promise<void> {
    for (const step of steps) {
      const name = `${step.option} = ${step.text}`;
      this.#surroundings.log.line(`running ${name}`);
      if (step.action === 'exit') return this.end(Number(step.words[0]));
      try {
        await ACTIONS[step.action](this.#surroundings, ...step.words);
      } catch (error) {
        throw new HookError(name, error as Error);
      }
    }
  }

  /** What was written for root is left out without root, as in uWSGI. That is said, since a config is often tried by hand first. */
  async runAsRoot({ master }: HooksPlan, moment: 'as-root' | 'as-user', isRoot: boolean): Promise<void> {
    if (isRoot) return this.run(master[moment]);
    const options = new Set(master[moment].map(({ option }) => option));
    if (options.size > 0) this.#surroundings.log.line(`not started as root: ${[...options].join(' and ')} not run`);
  }

  /** For the moments at which nothing can be called off any more: what cannot be done is told, and the next one follows. */
  async attempt(steps: readonly HookStep[]): Promise<void> {
    for (const step of steps) await this.run([step]).catch((error: unknown) => this.#surroundings.log.event((error as Error).message));
  }
}
