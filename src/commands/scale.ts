import { custom, string } from '@oclif/core/args';
import { CLIError } from '@oclif/core/errors';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';

/** oclif's own integer shows where in its code it gave up. */
const workers = custom<number>({
  parse(text) {
    if (!/^[1-9]\d*$/.test(text)) throw new CLIError(`WORKERS takes a whole number from 1, not "${text}"`);
    return Promise.resolve(Number(text));
  },
});

export default class Scale extends BaseCommand {
  static override summary = 'have a running server run so many workers';
  static override description = 'New ones are started at once; those that are too many finish what they run first.';
  static override args = {
    workers: workers({ description: 'how many workers there are to be, of each application', required: true }),
    server: string(SERVER_ARGUMENT),
  };
  static override examples = ['<%= config.bin %> scale 8', '<%= config.bin %> scale 8 /run/app.pid'];

  async run(): Promise<void> {
    const { args } = await this.parse(Scale);
    const { message } = await order(args.server, { type: 'scale', workers: args.workers }, 'scaling');
    this.log(message);
  }
}
