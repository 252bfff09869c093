import { boolean, string } from '@oclif/core/flags';
import type { AlphabetLowercase, AlphabetUppercase, FlagInput } from '@oclif/core/interfaces';
import type { Option } from '../core/options/define.ts';
import { groups } from '../core/options/registry.ts';

type Letter = AlphabetLowercase | AlphabetUppercase;

/**
 * The options of the server as oclif knows flags. They are for help, completion and the manifest only: oclif's parser cannot
 * read uWSGI's command line (repeated and optional arguments, abbreviations), so core/options/argv.ts does.
 */
export const serverFlags: FlagInput = Object.fromEntries(
  groups.flatMap(({ title, options }) => Object.entries(options).map(([name, option]) => [name, flagOf(option, title.toUpperCase())])),
);

function flagOf(option: Option, helpGroup: string): FlagInput[string] {
  const described = {
    summary: option.help,
    helpGroup,
    aliases: [...(option.aliases ?? [])],
    // A test holds that every short name is a single letter.
    ...(option.short !== undefined && { char: option.short as Letter }),
  };
  if (option.arity === 'none') return boolean(described);
  const valued = { ...described, helpValue: option.metavar ?? 'VALUE' };
  return option.repeat === 'append' ? string({ ...valued, multiple: true }) : string(valued);
}
