import { string } from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.ts';
import { order, SERVER_ARGUMENT } from '../cli/order.ts';
import { isServerPid } from '../core/operate/find-server.ts';

export default class Stack extends BaseCommand {
  static override summary = 'print where the Python threads of a running server are';
  static override description = 'The requests that run are not disturbed.';
  static override args = {
    worker: string({ description: 'number of the worker; all of them when none is named' }),
    server: string(SERVER_ARGUMENT),
  };
  static override examples = ['<%= config.bin %> stack', '<%= config.bin %> stack 2', '<%= config.bin %> stack 2 /run/app.pid'];

  async run(): Promise<void> {
    const { args } = await this.parse(Stack);
    const { worker, server } = meant(args);
    const { text } = await order(server, { type: 'stacks', ...(worker !== undefined && { worker: Number(worker) }) }, 'asking for stacks');
    this.log(text.trimEnd());
  }
}

interface Meant {
  readonly worker?: string | undefined;
  readonly server?: string | undefined;
}

/** A word that stands alone and is no number, or is a server's pid, names the server: nobody has to name a worker for that. */
function meant({ worker, server }: Meant): Meant {
  if (worker === undefined || server !== undefined) return { worker, server };
  return /^\d+$/.test(worker) && !isServerPid(worker) ? { worker } : { server: worker };
}
