/** Options that ask for something at once, before anything is served: `print`, `iprint`, `show-config`, `logger-list`, `exit`, `fallback-config`. */
import type { OptionEntry } from '../options/entry.ts';
import { LOGGERS } from '../options/logger.ts';
import { findByName } from '../options/names.ts';

/** The lines to print, those of `iprint` first; with `logger-list` the kinds of loggers follow, with `show-config` the whole configuration. */
export function printedLines(entries: readonly OptionEntry[]): string[] {
  const texts = (wanted: string): string[] => entries.filter(({ name }) => name === wanted).map(({ text }) => text);
  const has = (wanted: string): boolean => entries.some(({ name }) => findByName(name) === wanted);
  return [
    ...texts('iprint'),
    ...texts('print'),
    ...(has('logger-list') ? ['*** loggers ***', ...LOGGERS, '--- end of loggers ---'] : []),
    ...(has('show-config') ? shownConfig(entries) : []),
  ];
}

/** The exit status that `exit` asks for: 1 on a command line, 0 as a key without a value, or its number. */
export function requestedExit(entries: readonly OptionEntry[]): number | undefined {
  const exit = entries.find(({ name }) => name === 'exit');
  if (exit === undefined) return undefined;
  return exit.isBare ? 1 : Number.parseInt(exit.text, 10) || 0;
}

/** The config file to try when this configuration does not come up. */
export function fallbackFile(entries: readonly OptionEntry[]): string | undefined {
  return entries.findLast(({ name }) => name === 'fallback-config')?.text;
}

/** In uWSGI's own form, which can be saved as a config file. */
function shownConfig(entries: readonly OptionEntry[]): string[] {
  const lines = entries.map(({ name, text, isBare }) => `${name} = ${isBare ? 'true' : text}`);
  return ['', ';uWSGI instance configuration', '[uwsgi]', ...lines, ';end of configuration', ''];
}
