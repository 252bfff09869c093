import { string } from '@oclif/core/args';
import chalk from 'chalk';
import { BaseCommand } from '../cli/base-command.ts';
import { fullRow, mentions, type Row } from '../cli/option-list.ts';
import { allOptions } from '../core/options/names.ts';

export default class Options extends BaseCommand {
  static override summary = 'list the options of the server and of uWSGI, or those that have to do with a word';
  static override args = { word: string({ description: 'a part of a name, or a word of the description' }) };
  static override examples = ['<%= config.bin %> options', '<%= config.bin %> options reload'];

  async run(): Promise<void> {
    const { args } = await this.parse(Options);
    const found = allOptions().filter((option) => mentions(args.word ?? '', option));
    if (found.length === 0) this.error(`no option has to do with "${args.word}"`, { exit: 1 });
    const sections = [...new Set(found.map(({ group }) => group))].map((title) => {
      return formatSection(title, found.filter(({ group }) => group === title).map(fullRow));
    });
    this.log(sections.join('\n\n'));
  }
}

function formatSection(title: string, rows: readonly Row[]): string {
  return [chalk.bold(title), ...rows.map(([left, right]) => `  ${left}\n${' '.repeat(10)}${chalk.dim(right)}`)].join('\n');
}
