import type { ReadStream, WriteStream } from 'node:tty';
import { emitKeypressEvents } from 'node:readline';
import { cellsOfLine, type Line } from '../../top/line.ts';
import type { Key } from '../../top/view.ts';
import { paint } from './paint.ts';

/** Another screen than the shell's, no cursor, and a line that is too long is cut by the terminal, whatever it takes for wide. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const END_OF_LINE = '\u001B[K';

/** What scripts that make a pseudo-terminal without a size get. */
const USUAL = { columns: 80, rows: 24 };

export interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

interface Watcher {
  key(key: Key): void;
  /** The size is another, or what was drawn may be gone. */
  redraw(): void;
}

/** A terminal of which all is taken, until it is given back as it was. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #watcher: Watcher;
  #state: 'open' | 'closed' = 'closed';

  constructor(terminal: Terminal, watcher: Watcher) {
    this.#terminal = terminal;
    this.#watcher = watcher;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.#terminal.output;
    return { columns: columns || USUAL.columns, rows: rows || USUAL.rows };
  }

  open(): void {
    const { input, output } = this.#terminal;
    emitKeypressEvents(input);
    input.on('keypress', this.#press).resume();
    output.on('resize', this.#redraw);
    process.on('SIGTSTP', this.#suspend).on('SIGCONT', this.#resume);
    // An error that nobody foresaw is to be seen, and so is what the shell says next.
    process.on('uncaughtExceptionMonitor', this.#leave).on('exit', this.#leave);
    this.#enter();
  }

  close(): void {
    const { input, output } = this.#terminal;
    this.#leave();
    input.off('keypress', this.#press).pause();
    output.off('resize', this.#redraw);
    process.off('SIGTSTP', this.#suspend).off('SIGCONT', this.#resume);
    process.off('uncaughtExceptionMonitor', this.#leave).off('exit', this.#leave);
  }

  /** As many lines as there are rows. */
  draw(lines: readonly Line[]): void {
    if (this.#state === 'closed') return;
    const { columns } = this.size;
    // Behind a line that is full the cursor still stands on its last character, which would be erased.
    const texts = lines.map((line) => paint(line) + (cellsOfLine(line) < columns ? END_OF_LINE : ''));
    this.#terminal.output.write(HOME + texts.join('\r\n'));
  }

  readonly #enter = (): void => {
    if (this.#state === 'open') return;
    this.#state = 'open';
    this.#terminal.input.setRawMode(true);
    this.#terminal.output.write(ENTER);
  };

  readonly #leave = (): void => {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#terminal.output.write(LEAVE);
    this.#terminal.input.setRawMode(false);
  };

  readonly #redraw = (): void => this.#watcher.redraw();

  readonly #press = (text: string | undefined, { name = '', ctrl = false }: { name?: string; ctrl?: boolean }): void => {
    if (ctrl && name === 'z') return this.#suspend();
    if (ctrl && name === 'l') return this.#redraw();
    this.#watcher.key(keyOf(text, { name, ctrl }));
  };

  /** Stops this process as the terminal would have if it were not raw; who said `fg` finds all as it was. */
  readonly #suspend = (): void => {
    this.#leave();
    process.off('SIGTSTP', this.#suspend);
    // To all of the pipeline, as the terminal does. Where no shell watches over it, nothing stops.
    process.kill(0, 'SIGTSTP');
    process.on('SIGTSTP', this.#suspend);
    this.#resume();
  };

  /** The shell may have changed the terminal in the meantime, also when it was SIGSTOP that stopped us. */
  readonly #resume = (): void => {
    this.#leave();
    this.#enter();
    this.#redraw();
  };
}

const NAMED = ['left', 'right', 'up', 'down', 'pageup', 'pagedown', 'home', 'end'];

/** By name where no character stands for it. */
function keyOf(text: string | undefined, { name, ctrl }: { name: string; ctrl: boolean }): Key {
  if (ctrl) return `ctrl-${name}`;
  return NAMED.includes(name) ? name : (text ?? name);
}
