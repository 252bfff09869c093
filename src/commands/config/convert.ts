import { string } from '@oclif/core/args';
import { option, string as text } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { FILE_ARGUMENT, FORMATS, formatOfSource } from '../../cli/config-file.ts';
import { readSource } from '../../core/config/source.ts';
import { convert } from '../../core/present/conversion.ts';

export default class ConfigConvert extends BaseCommand {
  static override summary = 'write a config file in another format';
  static override description =
    'The new file goes to standard output. It means the same: the order of lines, placeholders and conditions stay as they are, and so do comments where the format has them. What is left out is told on standard error.';

  static override examples = [
    '<%= config.bin %> config convert app.ini --to yaml > app.yaml',
    '<%= config.bin %> config convert app.ini --to json --section staging',
  ];

  static override args = { file: string({ ...FILE_ARGUMENT, description: 'a config file, or - for standard input', required: true }) };
  static override flags = {
    to: option({ options: FORMATS })({ description: 'the format to write', required: true }),
    from: option({ options: FORMATS })({ description: 'the format of FILE, where its name does not tell' }),
    section: text({ description: 'the section to convert [default: uwsgi]', helpValue: 'NAME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigConvert);
    const config = {
      path: args.file,
      format: flags.from ?? formatOfSource(args.file),
      text: readSource(args.file, { kind: 'default' }),
      section: flags.section,
    };
    const { text: converted, notices } = convert(config, flags.to);
    for (const notice of notices) process.stderr.write(`${notice}\n`);
    process.stdout.write(converted);
  }
}
