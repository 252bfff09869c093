import { directive } from '../define.ts';

/** The lines of config files that decide about other lines. What they are asked about is `%(_)` in the lines between. */
export const logic = {
  'if-env': directive({
    aliases: ['ifenv'],
    metavar: 'NAME[=VALUE]',
    immediate: true,
    help: 'go on only if this environment variable is set, or has this value',
  }),
  'if-not-env': directive({ metavar: 'NAME[=VALUE]', immediate: true, help: 'go on only if it is not' }),

  'if-opt': directive({
    metavar: 'NAME[=VALUE]',
    immediate: true,
    help: 'go on only if this option was given before, or has this value',
  }),
  'if-not-opt': directive({ metavar: 'NAME[=VALUE]', immediate: true, help: 'go on only if it was not' }),

  'if-exists': directive({ aliases: ['ifexists'], metavar: 'PATH', immediate: true, help: 'go on only if this exists' }),
  'if-not-exists': directive({ metavar: 'PATH', immediate: true, help: 'go on only if it does not' }),

  'if-file': directive({ metavar: 'PATH', immediate: true, help: 'go on only if this is a file' }),
  'if-not-file': directive({ metavar: 'PATH', immediate: true, help: 'go on only if it is none' }),

  'if-dir': directive({ aliases: ['ifdir', 'if-directory'], metavar: 'PATH', immediate: true, help: 'go on only if this is a folder' }),
  'if-not-dir': directive({ metavar: 'PATH', immediate: true, help: 'go on only if it is none' }),

  'if-hostname': directive({ metavar: 'NAME', immediate: true, help: 'go on only on the machine of this name' }),
  'if-not-hostname': directive({ metavar: 'NAME', immediate: true, help: 'go on only on other machines' }),

  'if-hostname-match': directive({
    metavar: 'REGEXP',
    immediate: true,
    help: 'go on only on machines whose name matches this regular expression',
  }),
  'if-not-hostname-match': directive({ metavar: 'REGEXP', immediate: true, help: 'go on only on other machines' }),

  'if-plugin': directive({
    aliases: ['ifplugin'],
    metavar: 'NAME',
    immediate: true,
    help: 'go on only if the work of this plugin is built in',
  }),
  'if-not-plugin': directive({ metavar: 'NAME', immediate: true, help: 'go on only if it is not' }),

  'if-reload': directive({ arity: 'none', immediate: true, help: 'go on only when the server is being reloaded' }),
  'if-not-reload': directive({ arity: 'none', immediate: true, help: 'go on only at the first start' }),

  else: directive({ immediate: true, help: 'go on where the last condition did not hold' }),

  for: directive({ metavar: 'WORDS', immediate: true, help: 'repeat the lines up to "endfor" for each of these words' }),
  'for-glob': directive({ metavar: 'PATTERN', immediate: true, help: 'repeat them for each path that matches this pattern' }),
  'for-times': directive({ metavar: 'N', immediate: true, help: 'repeat them this often, for 1, 2, 3 and so on' }),
  'for-readline': directive({ metavar: 'PATH', immediate: true, help: 'repeat them for each line of this file' }),

  endif: directive({
    aliases: ['end-if', 'endfor', 'end-for'],
    arity: 'optional',
    immediate: true,
    help: 'end a condition or a loop',
  }),
};
