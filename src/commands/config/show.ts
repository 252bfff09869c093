import { string } from '@oclif/core/args';
import { boolean, option } from '@oclif/core/flags';
import chalk from 'chalk';
import { BaseCommand } from '../../cli/base-command.ts';
import { FILE_ARGUMENT, FORMATS, tell, wordsFor } from '../../cli/config-file.ts';
import type { ConfigFormat } from '../../core/config/formats/document.ts';
import { writeDocument } from '../../core/config/formats/write.ts';
import { type ConfigReading, readConfig } from '../../core/config/load.ts';
import { effectiveOptions, effectiveTable } from '../../core/present/effective.ts';
import { entriesAsDocument, entriesAsText, shownEntries } from '../../core/present/entries.ts';
import { alignColumns } from '../../core/present/table.ts';

export default class ConfigShow extends BaseCommand {
  static override summary = 'show what the server would see of a config file or of a whole command line';
  static override description =
    'Includes are in their place, placeholders and conditions are worked out, and UWSGI_* variables count as they do for the server. What is wrong is told on standard error, and what could be read is shown all the same.';

  static override usage = [
    'config show [FILE] [--format FORMAT]',
    'config show [FILE] --effective [--all]',
    'config show -- [server flags] [FILE]',
  ];
  static override examples = [
    '<%= config.bin %> config show app.ini',
    '<%= config.bin %> config show --effective app.ini',
    '<%= config.bin %> config show --format json -- --ini app.ini -p 4',
  ];

  static override args = { file: string(FILE_ARGUMENT) };
  static override flags = {
    format: option({ options: FORMATS })({ description: 'how to show it', default: 'ini' }),
    effective: boolean({ description: 'show the final value of each option, with its default and where it was set' }),
    all: boolean({ description: 'show the options that have their default too', dependsOn: ['effective'] }),
  };

  async run(): Promise<void> {
    const { own, server } = splitWords(this.argv);
    const { args, flags } = await this.parse(ConfigShow, own);
    if (args.file === undefined && server === undefined) this.error('name a config file, or a command line behind "--"', { exit: 2 });
    if (flags.effective && flags.format !== 'ini' && flags.format !== 'json') {
      this.error('--effective shows a table, or a list with --format json', { exit: 2 });
    }
    const file = args.file === undefined ? [] : wordsFor(args.file);
    const reading = readConfig([...file, ...(server ?? [])], process.env);
    tell(reading.diagnostics);
    process.stdout.write(flags.effective ? formatEffective(reading, flags) : formatEntries(reading, flags.format));
  }
}

/** What stands behind the first `--` is the server's, whatever it looks like. */
function splitWords(words: readonly string[]): { own: string[]; server: readonly string[] | undefined } {
  const at = words.indexOf('--');
  return at === -1 ? { own: [...words], server: undefined } : { own: words.slice(0, at), server: words.slice(at + 1) };
}

function formatEntries({ entries }: ConfigReading, format: ConfigFormat): string {
  if (format === 'ini') return entriesAsText(entries);
  return format === 'json' ? asJson(shownEntries(entries)) : writeDocument(format, entriesAsDocument(entries), 'uwsgi');
}

function formatEffective(reading: ConfigReading, { format, all }: { format: ConfigFormat; all: boolean }): string {
  const options = effectiveOptions(reading, all ? 'all' : 'changed');
  if (format === 'json') return asJson(options);
  const [head = '', ...rows] = alignColumns(effectiveTable(options));
  return [chalk.bold(head), ...rows, ''].join('\n');
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
