import type { Command } from '@oclif/core/command';
import { Help } from '@oclif/core/help';
import { type KnownOption, ownOptions } from '../core/options/names.ts';
import { helpRow, type Row } from './option-list.ts';

const ABOUT = `Serves Python WSGI applications. Takes the command lines and the config files of uWSGI.`;

const EXAMPLES = `$ tsuwsgi --http :9090 --wsgi-file server.py
$ tsuwsgi --http :9090 --module mysite.wsgi --master --processes 4 --threads 2
$ tsuwsgi --socket /tmp/app.sock -C660 --ini app.ini --stats 127.0.0.1:9191
$ tsuwsgi app.ini`;

/** Serving is what the program is for, so the root help is the help of the server, with the commands behind it. */
export default class ServerHelp extends Help {
  override showRootHelp(): Promise<void> {
    this.#showServer(`$ ${this.config.bin} [flags] [file.ini]\n$ ${this.config.bin} COMMAND`);
    this.log(this.formatCommands(this.sortedCommands));
    this.log(`\nMore about the options: ${this.config.bin} options [WORD]`);
    return Promise.resolve();
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    if (command.id === 'serve') this.#showServer(`$ ${this.config.bin} serve [flags] [file.ini]`);
    else await super.showCommandHelp(command);
  }

  #showServer(usage: string): void {
    for (const part of [
      ABOUT,
      this.section('USAGE', usage),
      this.section('EXAMPLES', EXAMPLES),
      ...supportedGroups().map(([title, options]) => this.#format(title, options)),
    ]) {
      this.log(`${part}\n`);
    }
  }

  #format(title: string, options: readonly KnownOption[]): string {
    // What only config files use is told there; here the names will do.
    const isForFiles = options.every(({ kind }) => kind === 'directive');
    const text = isForFiles ? this.wrap(options.map(({ name }) => name).join(', '), this.indentSpacing) : this.#list(options.map(helpRow));
    return this.section(title.toUpperCase(), text);
  }

  #list(rows: Row[]): string {
    const list = this.renderList(rows, {
      spacer: '\n',
      indentation: 0,
      ...(this.opts.stripAnsi !== undefined && { stripAnsi: this.opts.stripAnsi }),
    });
    // renderList trims what it returns, and so the place of a missing letter in the first row.
    return `${/^ */.exec(rows[0]?.[0] ?? '')?.[0] ?? ''}${list}`;
  }
}

/** The options that do something, under their headings. */
function supportedGroups(): readonly (readonly [string, readonly KnownOption[]])[] {
  const supported = ownOptions().filter(({ support }) => support !== 'accepted');
  return [...new Set(supported.map(({ group }) => group))].map((title) => [title, supported.filter(({ group }) => group === title)]);
}
