import { string } from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Stats extends BaseCommand {
  static override summary = 'print the statistics of a running server';
  static override description = 'The JSON document that the option "stats" serves, without that option as well.';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override examples = ['<%= config.bin %> stats', '<%= config.bin %> stats | jq .workers[].status'];

  async run(): Promise<void> {
    const { args } = await this.parse(Stats);
    const { text } = await order(args.server, { type: 'stats' }, 'reading its statistics');
    this.log(text);
  }
}
