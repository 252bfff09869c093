/**
 * Completion scripts for shells. One `case` over the words before the cursor is the same for all of them:
 *
 *     tsuwsgi config show --format |       a command: its own words and flags
 *     tsuwsgi --http :9090 --chdir |       the server: its flags, and files where a flag takes one
 *
 * What differs is how a shell tells those words and takes the answer, so each brings its own functions for that.
 */
import type { KnownOption } from '../options/known.ts';
import { allOptions, namesOf } from '../options/names.ts';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as far as completion goes. */
export interface CompletedCommand {
  /** `config show` */
  readonly words: string;
  readonly flags: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** What its first argument is: a config file, one of these words, or something only its user knows. */
  readonly argument: 'config' | 'unknown' | readonly string[];
}

interface ServerFlag {
  readonly name: string;
  readonly help: string;
  readonly argument: 'none' | 'config' | 'file' | 'unknown';
}

/** The script that makes `tsuwsgi` known to a shell. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  const sorted = commands.toSorted((one, other) => (one.words < other.words ? -1 : 1));
  return SCRIPTS[shell](serverFlags(), branches(sorted));
}

const SCRIPTS: Readonly<Record<Shell, (flags: readonly ServerFlag[], body: string) => string>> = {
  bash: (flags, body) => `# Completion of tsuwsgi for bash; in ~/.bashrc: eval "$(tsuwsgi autocomplete bash)"
_tsuwsgi() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  # bash makes a word of its own of the sign in --name=value.
  if [[ $word == = ]]; then word=
  elif [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  local before=" \${COMP_WORDS[*]:1:COMP_CWORD-1} "
  COMPREPLY=()
${body}
}
_tsuwsgi_words() { mapfile -t COMPREPLY < <(compgen -W "$*" -- "$word"); }
_tsuwsgi_flags() { _tsuwsgi_words ${flags.map(({ name }) => `--${name}`).join(' ')}; }
_tsuwsgi_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$word")
}
_tsuwsgi_configs() {
  local suffix
  compopt -o filenames 2>/dev/null
  mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(
    compgen -d -- "$word"
    for suffix in ${SUFFIXES.join(' ')}; do compgen -f -X "!*.$suffix" -- "$word"; done
  )
}
complete -F _tsuwsgi tsuwsgi
`,
  zsh: (flags, body) => `# Completion of tsuwsgi for zsh; in ~/.zshrc, below compinit: eval "$(tsuwsgi autocomplete zsh)"
_tsuwsgi() {
  local word=$PREFIX previous=$words[CURRENT-1] before=" \${words[2,CURRENT-1]} "
  if [[ $word == --*=* ]]; then
    previous=\${word%%=*} word=\${word#*=}
    compset -P '--*='
  fi
${body}
}
_tsuwsgi_words() { compadd -- "$@"; }
_tsuwsgi_flags() {
  local -a flags=(
${flags.map(({ name, help }) => `    ${quoted(`--${name}:${help}`)}`).join('\n')}
  )
  _describe -o 'flag of the server' flags
}
_tsuwsgi_files() { _files; }
_tsuwsgi_configs() { _files -g '*.(${SUFFIXES.join('|')})(-.)'; }
compdef _tsuwsgi tsuwsgi
`,
};

const SUFFIXES: readonly string[] = ['ini', 'yaml', 'yml', 'json', 'xml'];

/** The flags of the server that have an effect or are at least accepted. */
function serverFlags(): ServerFlag[] {
  return allOptions()
    .filter(({ support }) => support !== 'unsupported')
    .flatMap((option) => namesOf(option).map((name) => ({ name, help: option.help ?? '', argument: argumentOf(option) })));
}

function argumentOf({ arity, kind, metavar }: KnownOption): ServerFlag['argument'] {
  // An optional argument is attached, so the next word is not its own.
  if (arity !== 'required') return 'none';
  // The registry calls only config files so: FILE[:SECTION], FILE[:KEY].
  if (metavar.startsWith('FILE')) return 'config';
  return kind === 'path' || kind === 'paths' || metavar === 'PATH' ? 'file' : 'unknown';
}

/** The part that all shells understand. */
function branches(commands: readonly CompletedCommand[]): string {
  const firstWords = [...new Set(['help', ...commands.map(({ words }) => firstWord(words))])].sort();
  return `  case $before in
    # Both take what the server takes.
    ' serve '* | *' -- '*) ;;
${topics(commands).join('\n')}
${commands
  .filter(({ words }) => words !== 'serve')
  .map(commandBranch)
  .join('\n')}
  esac
  case $previous in
${serverBranches().join('\n')}
    *)
      case $word in
        -*) _tsuwsgi_flags ;;
        *)
          if [[ $before == '  ' ]]; then _tsuwsgi_words ${firstWords.join(' ')}; fi
          _tsuwsgi_configs
          ;;
      esac
      ;;
  esac`;
}

/** `tsuwsgi config |` and `tsuwsgi help |` */
function topics(commands: readonly CompletedCommand[]): string[] {
  const topicNames = [...new Set(commands.filter(({ words }) => words.includes(' ')).map(({ words }) => firstWord(words)))];
  const under = (topic: string) => commands.filter(({ words }) => words.startsWith(`${topic} `)).map(({ words }) => lastWord(words));
  const all = [...new Set(commands.map(({ words }) => firstWord(words)))];
  return [
    `    ' help ') _tsuwsgi_words ${all.join(' ')}; return ;;`,
    ...topicNames.map((topic) => `    ' ${topic} ' | ' help ${topic} ') _tsuwsgi_words ${under(topic).join(' ')}; return ;;`),
  ];
}

/** `tsuwsgi config show |` */
function commandBranch({ words, flags, argument }: CompletedCommand): string {
  const valued = flags.filter(({ values }) => values.length > 0);
  return `    ' ${words} '*)
      case $previous:$word in
${valued.map(({ name, values }) => `        --${name}:*) _tsuwsgi_words ${values.join(' ')} ;;\n`).join('')}        *:-*) _tsuwsgi_words ${flags.map(({ name }) => `--${name}`).join(' ')} ;;
        *) ${argumentBranch(argument)} ;;
      esac
      return
      ;;`;
}

function argumentBranch(argument: CompletedCommand['argument']): string {
  if (argument === 'config') return '_tsuwsgi_configs';
  return argument === 'unknown' ? ':' : `_tsuwsgi_words ${argument.join(' ')}`;
}

function serverBranches(): string[] {
  const flags = serverFlags();
  const spellings = (argument: ServerFlag['argument']) => flags.filter((flag) => flag.argument === argument).map(({ name }) => `--${name}`);
  return [
    `    ${spellings('config').join(' | ')}) _tsuwsgi_configs ;;`,
    `    ${spellings('file').join(' | ')}) _tsuwsgi_files ;;`,
    // Only its user knows the value, which must not be taken for a file.
    `    ${spellings('unknown').join(' | ')}) ;;`,
  ];
}

function firstWord(words: string): string {
  return words.replace(/ .*/, '');
}

function lastWord(words: string): string {
  return words.replace(/.* /, '');
}

/** For a shell, between single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
