import { string } from '@oclif/core/args';
import chalk from 'chalk';
import { BaseCommand } from '../cli/base-command.ts';
import { fullRow, mentions, type Row } from '../cli/option-list.ts';
import { groups } from '../core/options/registry.ts';

export default class Options extends BaseCommand {
  static override summary = 'list the options of the server, or those that have to do with a word';
  static override args = { word: string({ description: 'a part of a name, or a word of the description' }) };
  static override examples = ['<%= config.bin %> options', '<%= config.bin %> options reload'];

  async run(): Promise<void> {
    const { args } = await this.parse(Options);
    const found = groups.map(({ title, options }) => ({
      title,
      rows: Object.entries(options)
        .filter(([name, option]) => mentions(args.word ?? '', name, option))
        .map(([name, option]) => fullRow(name, option)),
    }));
    const sections = found.filter(({ rows }) => rows.length > 0);
    if (sections.length === 0) this.error(`no option has to do with "${args.word}"`, { exit: 1 });
    this.log(sections.map(({ title, rows }) => formatSection(title, rows)).join('\n\n'));
  }
}

function formatSection(title: string, rows: readonly Row[]): string {
  return [chalk.bold(title), ...rows.map(([left, right]) => `  ${left}\n${' '.repeat(10)}${chalk.dim(right)}`)].join('\n');
}
