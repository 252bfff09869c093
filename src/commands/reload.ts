import { string } from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Reload extends BaseCommand {
  static override summary = 'have a running server load its code and configuration anew';
  static override description = 'Returns when the new workers serve. When they cannot, it tells why and fails, and the old ones go on.';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override examples = ['<%= config.bin %> reload', '<%= config.bin %> reload /run/app.pid'];

  async run(): Promise<void> {
    const { args } = await this.parse(Reload);
    const { message } = await order(args.server, { type: 'reload' }, 'reloading');
    this.log(message);
  }
}
