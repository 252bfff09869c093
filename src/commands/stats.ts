import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.ts';
import { printRecent, printReport } from '../cli/report.ts';
import { readRecent, readStatistics, readStatisticsText, STATISTICS_ARGUMENT } from '../cli/statistics.ts';
import { NOTHING_YET, observe } from '../top/watched.ts';

export default class Stats extends BaseCommand {
  static override summary = 'print the statistics of a running server';
  static override description = 'The JSON document that the option "stats" serves, without that option as well.';
  static override args = { server: string(STATISTICS_ARGUMENT) };
  static override flags = {
    table: boolean({ summary: 'print tables for people in place of JSON' }),
    recent: boolean({
      summary: 'print what happened lately: errors, slow requests, events; an address must have stats-http',
      exclusive: ['table'],
    }),
    json: boolean({ summary: 'print JSON, also with --recent', exclusive: ['table'] }),
  };
  static override examples = [
    '<%= config.bin %> stats',
    '<%= config.bin %> stats | jq .workers[].status',
    '<%= config.bin %> stats --table',
    '<%= config.bin %> stats 127.0.0.1:9191 --table',
    '<%= config.bin %> stats --recent',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stats);
    if (flags.recent) return this.#tellRecent(args.server, flags.json);
    if (!flags.table) return this.log(await readStatisticsText(args.server));
    const { document } = await readStatistics(args.server);
    printReport(observe(NOTHING_YET, { document, at: 0, epoch: Date.now() / 1000 }), args.server ?? '');
  }

  async #tellRecent(server: string | undefined, asJson: boolean): Promise<void> {
    const { text, recent } = await readRecent(server);
    if (asJson) this.log(text);
    else printRecent(recent);
  }
}
