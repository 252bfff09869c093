import { string } from '@oclif/core/args';
import { BaseCommand } from '../../cli/base-command.ts';
import { outputColours } from '../../cli/colours.ts';
import { FILE_ARGUMENT, tell, wordsFor } from '../../cli/config-file.ts';
import { readConfig } from '../../core/config/load.ts';
import { explain, type Explanation } from '../../core/present/explain.ts';

export default class ConfigExplain extends BaseCommand {
  static override summary = 'say in plain words what each line of a config file does';
  static override examples = ['<%= config.bin %> config explain app.ini'];
  static override args = { file: string({ ...FILE_ARGUMENT, required: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(ConfigExplain);
    const { lines, others } = explain(readConfig(wordsFor(args.file), process.env));
    tell(others);
    process.stdout.write(lines.map(formatExplanation).join(''));
  }
}

function formatExplanation({ place, written, sentences }: Explanation): string {
  return [
    `${outputColours.dim(`${place}:`)} ${outputColours.bold(written)}`,
    ...sentences.map((sentence) => `    ${sentence}`),
    '',
    '',
  ].join('\n');
}
