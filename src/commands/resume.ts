import { string } from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Resume extends BaseCommand {
  static override summary = 'end the pause of a server';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override examples = ['<%= config.bin %> resume', '<%= config.bin %> resume /run/app.pid'];

  async run(): Promise<void> {
    const { args } = await this.parse(Resume);
    const { message } = await order(args.server, { type: 'resume' }, 'resuming');
    this.log(message);
  }
}
