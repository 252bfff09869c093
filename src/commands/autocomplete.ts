import { string } from '@oclif/core/args';
import type { Command } from '@oclif/core/command';
import { BaseCommand } from '../cli/base-command.ts';
import { type CompletedCommand, completionScript, SHELLS } from '../core/present/completion.ts';

export default class Autocomplete extends BaseCommand {
  static override summary = 'print a script that completes commands, flags and config files in a shell';
  static override description = `For bash, in ~/.bashrc:

  eval "$(tsuwsgi autocomplete bash)"

For zsh, in ~/.zshrc, below the line with compinit:

  eval "$(tsuwsgi autocomplete zsh)"`;

  static override args = { shell: string({ description: 'the shell', options: SHELLS, required: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(Autocomplete);
    const shell = SHELLS.find((one) => one === args.shell) ?? 'bash';
    process.stdout.write(completionScript(shell, this.config.commands.map(completed)));
  }
}

function completed({ id, flags, args }: Command.Loadable): CompletedCommand {
  const own = Object.values(flags).map((flag) => ({ name: flag.name, values: flag.type === 'option' ? (flag.options ?? []) : [] }));
  const [argument] = Object.values(args);
  return {
    words: id.replaceAll(':', ' '),
    flags: [...own, { name: 'help', values: [] }],
    argument: argument?.options ?? (argument?.name === 'file' ? 'config' : 'unknown'),
  };
}
