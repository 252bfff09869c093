import { string } from '@oclif/core/args';
import { boolean, option } from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { FILE_ARGUMENT } from '../../cli/config-file.ts';

export default class ConfigValidate extends BaseCommand {
  static override summary = 'tell everything that is wrong with config files, or probably not meant';
  static override description =
    'Each finding is one line: file:line: error|warning: text (rule). docs/lint.md explains the rules and how to silence them. The exit status is 0 without errors, 1 with errors, 2 when a file cannot be read.';

  // The words are read by cli/config-validate.ts, which works without oclif; arguments and flags are here for the help.
  static override strict = false;
  static override args = { file: string({ ...FILE_ARGUMENT, required: true }) };
  static override flags = {
    strict: boolean({ summary: 'warnings count as errors, and unknown keys are errors' }),
    json: boolean({ summary: 'a list of {file, line, severity, rule, message, option, suggestion}' }),
    format: option({ options: ['text', 'json', 'github'] as const, summary: 'github: annotations of a workflow' })(),
  };
  static override examples = [
    '<%= config.bin %> config validate app.ini',
    '<%= config.bin %> config validate --strict --format github deploy/*.ini',
  ];

  async run(): Promise<void> {
    const { validate } = await import('../../cli/config-validate.ts');
    this.parsed = true;
    process.exitCode = validate(this.argv);
  }
}
