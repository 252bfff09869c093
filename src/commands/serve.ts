import { BaseCommand } from '../cli/base-command.ts';
import { serverFlags } from '../cli/flags.ts';

export default class Serve extends BaseCommand {
  static override summary = 'serve an application; the word "serve" may be left out';

  // The words go to the server unread: they follow uWSGI's rules, not oclif's.
  static override strict = false;
  static override flags = serverFlags;

  async run(): Promise<void> {
    // Loaded late: help and manifest need the flags only, not the engine.
    const { runServer } = await import('../cli/run-server.ts');
    this.parsed = true;
    this.exit(await runServer(this.argv));
  }
}
