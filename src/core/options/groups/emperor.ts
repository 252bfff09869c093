import { address, assignments, count, flag, list, path, paths, seconds, text } from '../define.ts';

/** One server for each config file of a directory: docs/emperor.md. */
export const emperor = {
  emperor: list({
    metavar: 'DIRECTORY',
    help: 'run a server, a vassal, for each config file in this directory, or matching this pattern',
    note: 'Hidden files are passed over. docs/emperor.md tells the rest.',
  }),

  'emperor-freq': seconds({
    default: 3,
    min: 1,
    help: 'look for new, changed and removed files this often',
    note: 'What happens in a directory itself is noticed at once; this is for the targets of symbolic links and for file systems that tell nothing.',
  }),

  'emperor-extra-extension': list({
    aliases: ['emperor-extra-ext'],
    metavar: 'EXTENSION',
    help: 'files whose names end so are vassals, too; they are read as INI files',
  }),

  'emperor-nofollow': flag({ help: 'of a symbolic link, watch the link itself and not its target' }),

  'vassals-set': assignments({ aliases: ['vassal-set'], help: 'an option of all vassals, in front of their own' }),

  'vassals-include-before': paths({ metavar: 'FILE', help: 'put the options of this file in front of those of each vassal' }),

  'vassals-include': paths({ metavar: 'FILE', help: 'put the options of this file behind those of each vassal' }),

  'vassals-inherit-before': paths({
    metavar: 'FILE',
    help: 'put the options of this file behind all others of each vassal, in front of those of vassals-inherit',
  }),

  'vassals-inherit': paths({ metavar: 'FILE', help: 'put the options of this file behind all others of each vassal, where they win' }),

  'emperor-wrapper': path({
    metavar: 'PROGRAM',
    help: 'start vassals with this program in the place of tsuwsgi: uWSGI, for those that are not moved yet',
  }),

  'emperor-tyrant': flag({
    help: 'run each vassal as the user and the group who own its file, whatever that says',
    note: 'Files of root, or of its group, are refused, as in uWSGI.',
  }),

  'emperor-tyrant-nofollow': flag({ help: 'the same, and of a symbolic link its own owner counts and not that of its target' }),

  'emperor-throttle': count({
    default: 1000,
    metavar: 'MILLISECONDS',
    help: 'wait this long before a vassal that died young is started again, and twice as long each time after that',
  }),

  'emperor-max-throttle': count({ default: 180_000, metavar: 'MILLISECONDS', help: 'and never longer than this' }),

  'emperor-no-blacklist': flag({ help: 'start vassals that die young again after emperor-throttle, however often' }),

  'emperor-curse-tolerance': seconds({
    default: 30,
    min: 1,
    help: 'kill a vassal that was told to stop and takes longer than this',
  }),

  'emperor-required-heartbeat': seconds({
    default: 30,
    min: 1,
    help: 'kill a vassal that has sent heartbeats and sends none for longer than this',
  }),

  heartbeat: seconds({ default: 0, help: 'send the emperor a heartbeat this often; 0 means never' }),

  'emperor-stats': address({
    aliases: ['emperor-stats-server'],
    help: 'answer here with the state of all vassals',
  }),

  'emperor-pidfile': path({ help: 'write the process id of the emperor to this file' }),

  'emperor-procname': text({ help: 'name of the emperor in the list of processes' }),
};
