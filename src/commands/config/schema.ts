import { BaseCommand } from '../../cli/base-command.ts';
import { configSchema } from '../../core/present/schema.ts';

export default class ConfigSchema extends BaseCommand {
  static override summary = 'print a JSON Schema of YAML and JSON config files, for editors';
  static override examples = ['<%= config.bin %> config schema > tsuwsgi.schema.json'];

  async run(): Promise<void> {
    await this.parse(ConfigSchema);
    process.stdout.write(`${JSON.stringify(configSchema(), null, 2)}\n`);
  }
}
