import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { onEnd, type Scope } from './scope.ts';
import { tempDir } from './temp.ts';
import { terminalEnvironment } from './terminal-environment.ts';

const run = promisify(execFile);

const DEADLINE_MS = 15_000;

/** On the last line that has anything on it. */
export const PROMPT = /^\$\n*$/m;

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A shell in a real terminal, that of tmux: what is typed, and what is to be seen then. */
export class Terminal {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Types a line at the shell. */
  async enter(line: string): Promise<void> {
    await this.#tmux('send-keys', '-l', line);
    await this.press('Enter');
  }

  /** Keys by tmux's names: `q`, `C-c`, `PageDown`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async resize({ columns, rows }: Size): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is to be seen; with `-e` with its colours. */
  async screen(...flags: readonly string[]): Promise<string> {
    return this.#tmux('capture-pane', '-p', ...flags);
  }

  /** The screen once it matches. */
  async shows(pattern: RegExp, ...flags: readonly string[]): Promise<string> {
    let seen = '';
    try {
      return await eventually(
        String(pattern),
        async () => {
          seen = await this.screen(...flags);
          return pattern.test(seen) && seen;
        },
        DEADLINE_MS,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}; the screen:\n${seen}`);
    }
  }

  /** Whether the other screen is on, the cursor is to be seen, and long lines are wrapped. */
  async modes(): Promise<{ readonly alternate: boolean; readonly cursor: boolean; readonly wrap: boolean }> {
    const text = await this.#tmux('display-message', '-p', '#{alternate_on} #{cursor_flag} #{wrap_flag}');
    const [alternate, cursor, wrap] = text
      .trim()
      .split(' ')
      .map((flag) => flag === '1');
    return { alternate: alternate === true, cursor: cursor === true, wrap: wrap === true };
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
  }

  async #tmux(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('tmux', ['-u', '-S', this.#socket, '-f', '/dev/null', ...words], { env: terminalEnvironment() });
    return stdout;
  }

  /** @param environment what the shell has besides the usual */
  static async open(scope: Scope, size: Size, environment: Readonly<Record<string, string>> = {}): Promise<Terminal> {
    const terminal = new Terminal(join(tempDir(scope), 'tmux'));
    onEnd(scope, () => terminal.close());
    const variables = Object.entries({ PS1: '$ ', LC_ALL: 'C.UTF-8', HISTFILE: '', ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const shell = ['env', ...variables, 'bash', '--noprofile', '--norc', '-i'];
    await terminal.#tmux('new-session', '-d', '-x', String(size.columns), '-y', String(size.rows), ...shell);
    await terminal.shows(PROMPT);
    return terminal;
  }
}
