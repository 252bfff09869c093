import { string } from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Pause extends BaseCommand {
  static override summary = 'have a running server take no more requests for now';
  static override description = 'What runs is finished. New requests wait until "resume".';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override examples = ['<%= config.bin %> pause', '<%= config.bin %> pause /run/app.pid'];

  async run(): Promise<void> {
    const { args } = await this.parse(Pause);
    const { message } = await order(args.server, { type: 'pause' }, 'pausing');
    this.log(message);
  }
}
