import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

export default class Reload extends BaseCommand {
  static override summary = 'have a running server load its code and configuration anew';
  static override description = 'Returns when the new workers serve. When they cannot, it tells why and fails, and the old ones go on.';
  static override args = { server: string(SERVER_ARGUMENT) };
  static override examples = [
    '<%= config.bin %> reload',
    '<%= config.bin %> reload /run/app.pid',
    '<%= config.bin %> reload --chain /run/app.pid',
  ];
  static override flags = {
    chain: boolean({ description: 'replace one worker after the other, for servers that have no memory for both generations at once' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Reload);
    const { message } = await order(args.server, { type: flags.chain ? 'chain-reload' : 'reload' }, 'reloading');
    this.log(message);
  }
}
