import { nameOf, type RecentStatistics, type Statistics, StatisticsReader } from '../core/operate/read-statistics.ts';
import { type StatisticsSource, statisticsSource } from '../core/operate/statistics-source.ts';
import { showWhile } from './progress.ts';

/** Whose statistics a command is about. */
export const STATISTICS_ARGUMENT = {
  description:
    'its pid, its pid file, or an address of the option "stats" (127.0.0.1:9191, /run/stats.sock, http://host:port); not needed when this user runs only one',
};

/** On the command line everybody could see it. */
const TOKEN_VARIABLE = 'TSUWSGI_STATS_TOKEN';

/** Where a word says that statistics are. */
export function statisticsOf(word: string | undefined): { readonly source: StatisticsSource; readonly reader: StatisticsReader } {
  const source = statisticsSource(word);
  const token = process.env[TOKEN_VARIABLE]?.trim();
  return { source, reader: new StatisticsReader(source, token === '' ? undefined : token) };
}

/** Reads them, and shows at a terminal that it takes its time. */
export function readStatistics(word: string | undefined): Promise<Statistics> {
  return showReading(word, (reader) => reader.read());
}

/** The same as they come, those of an emperor too. */
export function readStatisticsText(word: string | undefined): Promise<string> {
  return showReading(word, (reader) => reader.readText());
}

/** What happened lately, in the same way. */
export function readRecent(word: string | undefined): Promise<RecentStatistics> {
  return showReading(word, (reader) => reader.readRecent());
}

function showReading<Result>(word: string | undefined, read: (reader: StatisticsReader) => Promise<Result>): Promise<Result> {
  const { source, reader } = statisticsOf(word);
  return showWhile(`${nameOf(source)}: reading its statistics`, read(reader));
}
