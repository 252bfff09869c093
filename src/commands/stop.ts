import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Stop extends BaseCommand {
  static override summary = 'have a running server finish what is in flight and end';
  static override description = 'Returns when the server has ended.';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override flags = { now: boolean({ summary: 'end at once: running requests are lost' }) };
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop --now /run/app.pid'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stop);
    const { message } = await order(args.server, { type: flags.now ? 'stop-now' : 'stop-gracefully' }, 'stopping');
    this.log(message);
  }
}
