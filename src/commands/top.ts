import { string as word } from '@oclif/core/args';
import { boolean, string } from '@oclif/core/flags';
import { setTimeout as pause } from 'node:timers/promises';
import { BaseCommand } from '../cli/base-command.ts';
import { printReport } from '../cli/report.ts';
import { STATISTICS_ARGUMENT, statisticsOf } from '../cli/statistics.ts';
import { ServerWatch, takeSample } from '../cli/watch-server.ts';
import { NOTHING_YET, observe } from '../top/watched.ts';

/** Shorter ones would ask without end, longer ones are no view of what happens. */
const INTERVALS_S = { least: 0.1, most: 3600 };

export default class Top extends BaseCommand {
  static override summary = 'show live what a running server does';
  static override description =
    'Workers, applications, the slowest requests that run, and rates; for a server of uWSGI as well. "?" explains the keys.';
  static override args = { server: word(STATISTICS_ARGUMENT) };
  static override flags = {
    interval: string({ default: '1', helpValue: 'SECONDS', summary: 'how often the statistics are read' }),
    once: boolean({ summary: 'print one frame, with rates of one interval, and end' }),
  };
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top /run/app.pid',
    '<%= config.bin %> top 127.0.0.1:9191 --interval 5',
    '<%= config.bin %> top http://10.0.0.7:9191 --once',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Top);
    const interval = this.#seconds(flags.interval);
    const { reader } = statisticsOf(args.server);
    const source = args.server ?? '';
    if (flags.once) {
      const first = observe(NOTHING_YET, await takeSample(reader));
      await pause(interval * 1000);
      return printReport(observe(first, await takeSample(reader)), source);
    }
    const { stdin: input, stdout: output } = process;
    if (!input.isTTY || !output.isTTY || process.env['TERM'] === 'dumb') {
      this.error('the live view needs a terminal: add --once to print one frame', { exit: 1 });
    }
    const end = await new ServerWatch(reader, { input, output }, { source, interval }).run();
    if (end !== 'quit') process.kill(process.pid, end);
  }

  #seconds(text: string): number {
    const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : NaN;
    if (seconds >= INTERVALS_S.least && seconds <= INTERVALS_S.most) return seconds;
    return this.error(`--interval takes seconds from ${INTERVALS_S.least} to ${INTERVALS_S.most}, not "${text}"`, { exit: 1 });
  }
}
