export interface ReloadFigures {
  readonly done: number;
  readonly failed: number;
  readonly last?: LastReload;
}

interface LastReload {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly ok: boolean;
  readonly seconds: number;
  /** Why it failed; empty where it did not. */
  readonly error: string;
}

/** What became of reloads. */
export class ReloadRecord {
  #done = 0;
  #failed = 0;
  #last: LastReload | undefined;

  /** Carries one out. Settled as the reload. */
  async observe(reload: () => Promise<void>): Promise<void> {
    const began = Date.now();
    const end = (error: string): void => {
      if (error === '') this.#done++;
      else this.#failed++;
      this.#last = { at: Math.floor(began / 1000), ok: error === '', seconds: (Date.now() - began) / 1000, error };
    };
    try {
      await reload();
    } catch (error) {
      const { message, cause } = error as Error;
      end(cause instanceof Error ? cause.message : message);
      throw error;
    }
    end('');
  }

  get figures(): ReloadFigures {
    const last = this.#last;
    return { done: this.#done, failed: this.#failed, ...(last && { last }) };
  }
}
