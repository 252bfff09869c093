/**
 * Brings all options into one order, as they are written: what a file, a block or a declared option stands for comes directly behind the
 * line that names it. Placeholders are replaced afterwards, by expand.ts.
 */
import { resolve } from 'node:path';
import { ConfigCycleError, ConfigLanguageError, ConfigSyntaxError } from '../errors/config.ts';
import type { Origin } from '../errors/error.ts';
import type { OptionEntry } from '../options/entry.ts';
import type { Findings } from '../options/findings.ts';
import { isKnownOption } from '../options/names.ts';
import { resolveHost } from './resolve.ts';
import { type Declaration, declare, unfold } from './declared.ts';
import { type ConfigDocument, type ConfigFormat, DEFAULT_SECTION, SyntaxProblem } from './formats/document.ts';
import { readDocument } from './formats/read.ts';
import { type Block, isEnd, openBlock, repeat, type Turns } from './logic.ts';
import { type FileVariables, fileVariables, type Loss, magicTable, type MagicVariables, type PlacedLine, replaceMagic } from './magic.ts';
import { formatOfWord, parseSource, readSource, refuseOtherFormat, type Source } from './source.ts';
import type { ConfigSurroundings } from './surroundings.ts';

/** A config file as it was read. */
export interface ConfigFile {
  readonly path: string;
  readonly format: ConfigFormat;
  readonly section: string;
  /** As it is on the disk. */
  readonly text: string;
  readonly document: ConfigDocument;
}

/** A file to be read, and who named it. */
interface NamedSource extends Source {
  readonly format: ConfigFormat;
  readonly origin: Origin;
}

/** The option that reads each format, with its other names. */
const READERS: Readonly<Record<string, ConfigFormat>> = {
  ini: 'ini',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  js: 'json',
};

/** `if-*` and `for*` until their end. */
interface OpenBlock {
  readonly block: Block;
  readonly turns: Turns;
  /** Its entries come back to the reader, each as often as it has turns. */
  isRunning: boolean;
}

/** A list of the only keys that may follow, or that may not. */
interface Permission {
  readonly kind: 'blacklist' | 'whitelist';
  readonly names: ReadonlySet<string>;
}

export class ConfigReader {
  /** All entries so far, in the order in which they count. */
  readonly entries: OptionEntry[] = [];
  readonly files: ConfigFile[] = [];
  /** Keys that were declared as placeholders, which are no mistyped options even in strict mode. */
  readonly placeholders = new Set<string>();
  /** Entries that were acted upon while reading: their values are not expanded. */
  readonly #done = new Set<OptionEntry>();
  readonly #surroundings: ConfigSurroundings;
  readonly #findings: Findings;
  readonly #declared = new Map<string, Declaration>();
  readonly #unfolding = new Set<string>();
  readonly #injected = { before: [] as PlacedLine[], after: [] as PlacedLine[] };
  /** The files that are being read, each one included by the one before it. */
  #chain: readonly string[] = [];
  /** The file that `:section` stands for, and the variables of the first file that an option named. */
  #last: string | undefined;
  #first: FileVariables | undefined;
  /** Those of the file that was read last. */
  #own: FileVariables = {};
  #block: OpenBlock | undefined;
  #permission: Permission | undefined;

  constructor(surroundings: ConfigSurroundings, findings: Findings) {
    this.#surroundings = surroundings;
    this.#findings = findings;
  }

  /** The magic variables as the last file saw them, by letter. */
  magicTable(): Readonly<Record<string, string>> {
    return magicTable(this.#magic);
  }

  get #magic(): MagicVariables {
    return { own: this.#own, first: this.#first ?? {}, surroundings: this.#surroundings };
  }

  /** Adds one option with all that it stands for. What is wrong with it is noted in the findings. */
  add(entry: OptionEntry): void {
    this.#findings.attempt(() => this.#add(entry));
  }

  /** Adds a file that is named without an option. Such files have no say in the variables of the first file. */
  addFile(word: string): void {
    const origin: Origin = { kind: 'argv', argument: word };
    this.#findings.attempt(() => {
      const format = formatOfWord(word);
      this.#push({ name: format, text: word, origin }, true);
      this.#first ??= {};
      this.#last = word;
      this.#read({ path: word, section: undefined, format, origin });
    });
  }

  /** Adds what an `inherit` names, behind everything else. */
  follow(entry: OptionEntry): void {
    this.#findings.attempt(() => this.#include(entry));
  }

  /** Whether this entry was acted upon while reading. */
  isDone(entry: OptionEntry): boolean {
    return this.#done.has(entry);
  }

  /** To be called when everything is added. */
  finish(): void {
    const opener = this.#block?.block.opener;
    if (opener === undefined) return;
    this.#findings.warn({
      rule: 'open-block',
      origin: opener.origin,
      message: `the block of "${opener.name}" is never closed: all that follows belongs to it, the command line included`,
      suggestions: [`write "${opener.name.startsWith('for') ? 'endfor' : 'endif'}" where it ends`],
    });
  }

  #add(entry: OptionEntry): void {
    const open = this.#block;
    if (open === undefined || open.isRunning) return this.#apply(entry);
    if (entry.name === 'else') return this.#turnOver(open, entry);
    if (isEnd(entry.name)) return this.#close(entry);
    this.#applyInBlock(open, entry);
  }

  #applyInBlock(running: OpenBlock, entry: OptionEntry): void {
    running.isRunning = true;
    try {
      for (const one of repeat(entry, running.turns)) this.#add(one);
    } finally {
      running.isRunning = false;
    }
  }

  #turnOver(open: OpenBlock, entry: OptionEntry): void {
    this.#push(entry, true);
    this.#block = { ...open, turns: open.block.otherwise };
  }

  #close(entry: OptionEntry): void {
    this.#block = undefined;
    this.#push(entry, true);
  }

  #apply(entry: OptionEntry): void {
    this.#checkPermission(entry);
    const context = { surroundings: this.#surroundings, entries: this.entries };
    const block = openBlock(entry, context);
    if (block) return this.#open(block);
    const act = this.#actions[entry.name];
    this.#push(entry, act !== undefined || isEnd(entry.name));
    if (act) act(entry);
    this.#unfold(entry);
  }

  #unfold(entry: OptionEntry): void {
    const declaration = this.#declared.get(entry.name);
    if (declaration === undefined) return;
    if (this.#unfolding.has(entry.name)) throw ConfigLanguageError.selfDeclared(entry.name, entry.origin);
    this.#unfolding.add(entry.name);
    try {
      for (const one of unfold(declaration, entry)) this.#add(one);
    } finally {
      this.#unfolding.delete(entry.name);
    }
  }

  #open(block: Block): void {
    const outer = this.#block?.block.opener;
    if (outer) throw ConfigLanguageError.nestedBlock(block.opener.name, outer.name, block.opener.origin);
    this.#push(block.opener, true);
    this.#block = { block, turns: block.turns, isRunning: false };
  }

  #push(entry: OptionEntry, isDone: boolean): void {
    this.entries.push(entry);
    if (isDone) this.#done.add(entry);
  }

  /** Options that are acted upon while reading. */
  readonly #actions: Readonly<Record<string, (entry: OptionEntry) => void>> = {
    ...Object.fromEntries(Object.entries(READERS).map(([name, format]) => [name, (entry) => this.#include(entry, format)])),
    'ini-paste': (entry) => this.#includePasted(entry),
    'ini-paste-logged': (entry) => this.#includePasted(entry),
    include: (entry) => this.#include(entry),
    config: (entry) => this.#include(entry),
    set: (entry) => this.#set(entry),
    'set-placeholder': (entry) => this.#setPlaceholder(entry),
    'set-ph': (entry) => this.#setPlaceholder(entry),
    resolve: (entry) => this.#resolve(entry),
    'declare-option': (entry) => this.#declare(entry),
    'declare-option2': (entry) => this.#declare(entry),
    'inject-before': ({ text, origin }) => this.#injected.before.push(...linesOf(text, readSource(text, origin))),
    'inject-after': ({ text, origin }) => this.#injected.after.push(...linesOf(text, readSource(text, origin))),
    blacklist: (entry) => this.#permit('blacklist', entry),
    whitelist: (entry) => this.#permit('whitelist', entry),
    'end-blacklist': () => (this.#permission = undefined),
    'end-whitelist': () => (this.#permission = undefined),
    iprint: () => undefined,
  };

  /** `format` is undefined where the suffix of the file decides. */
  #include({ text, origin }: OptionEntry, format?: ConfigFormat): void {
    const source = parseSource(text, this.#last, origin);
    if (format) refuseOtherFormat(source.path, format, origin);
    this.#first ??= fileVariables(source.path, source.section, this.#surroundings.directory);
    this.#last = source.path;
    this.#read({ ...source, format: format ?? formatOfWord(source.path, origin), origin });
  }

  /** A file of Paste with options for the server: what it says of `paste` itself counts. */
  #includePasted(entry: OptionEntry): void {
    const { name, text, origin } = entry;
    const { path } = parseSource(text, this.#last, origin);
    this.#add({ name: 'paste', text: `config:${resolve(this.#surroundings.directory, path)}`, origin });
    if (name === 'ini-paste-logged') this.#add({ name: 'paste-logger', text: 'true', origin });
    this.#include(entry, 'ini');
  }

  /**
   * Adds what a file holds.
   *
   * @throws TsuwsgiError for a file that cannot be read; what is wrong with a line of it is noted, and reading goes on.
   */
  #read(source: NamedSource): void {
    const { path, format, origin, section = DEFAULT_SECTION } = source;
    const { directory } = this.#surroundings;
    const link = `${resolve(directory, path)}:${section}`;
    if (this.#chain.includes(link)) throw new ConfigCycleError([...this.#chain, link], origin);

    const text = readSource(path, origin);
    const placed = [...this.#injected.before, ...linesOf(path, text), ...this.#injected.after];
    this.#own = fileVariables(path, source.section, directory);
    const { lines, losses } = replaceMagic(placed, this.#magic);
    this.#warnOfLosses(losses, placed);
    const document = parse(source, lines);
    this.files.push({ path, format, section, text, document });
    this.#warnOfOddities(document, lines);
    this.#warnOfMissingSection(source, document);

    const outer = this.#chain;
    this.#chain = [...outer, link];
    for (const { key, value, line } of document.pairs) this.add({ name: key, text: value, origin: originOf(lines, line) });
    this.#chain = outer;
  }

  #warnOfLosses(losses: readonly Loss[], placed: readonly PlacedLine[]): void {
    for (const { path, line, what } of losses) {
      const { text } = placed.find((one) => one.path === path && one.line === line) ?? { text: '' };
      // A percent sign in a comment does no harm, unless it eats the end of the line.
      if (what !== '%' && /^\s*([#;]|<!--)/.test(text)) continue;
      this.#findings.warn({
        rule: 'magic-variable',
        origin: { kind: 'file', path, line },
        message:
          what === '%' ? 'the "%" at the end joins this line with the next one, as in uWSGI' : `"${what}" is no variable and is removed`,
        suggestions: ['write "%%" for a percent sign'],
      });
    }
  }

  #warnOfOddities({ oddities }: ConfigDocument, lines: readonly PlacedLine[]): void {
    for (const { line, rule, message, suggestion } of oddities) {
      this.#findings.warn({ rule, origin: originOf(lines, line), message, suggestions: [suggestion] });
    }
  }

  #warnOfMissingSection({ path, origin, section = DEFAULT_SECTION }: NamedSource, { sections }: ConfigDocument): void {
    if (sections.includes(section)) return;
    const others = sections.length === 0 ? 'no section' : `only ${sections.map((name) => `[${name}]`).join(', ')}`;
    this.#findings.warn({
      rule: 'missing-section',
      origin,
      message: `${path} has no section [${section}], ${others}: nothing was read from it`,
      suggestions: [`write "[${section}]" above its options`],
    });
  }

  #set(entry: OptionEntry): void {
    const { key, value } = splitAssignment(entry, 'NAME=VALUE');
    this.#add({ name: key, text: value, origin: entry.origin });
  }

  #setPlaceholder(entry: OptionEntry): void {
    const { key, value } = splitAssignment(entry, 'NAME=VALUE');
    if (isKnownOption(key)) throw ConfigLanguageError.optionAsPlaceholder(key, entry.origin);
    this.placeholders.add(key);
    this.#push({ name: key, text: value, origin: entry.origin }, true);
  }

  #resolve(entry: OptionEntry): void {
    const { key, value } = splitAssignment(entry, 'NAME=HOST');
    const address = resolveHost(value);
    if (address === undefined) throw ConfigLanguageError.unresolved(value, entry.origin);
    this.placeholders.add(key);
    this.#push({ name: key, text: address, origin: entry.origin }, true);
  }

  #declare(entry: OptionEntry): void {
    const declaration = declare(entry.text);
    if (declaration === undefined) throw ConfigLanguageError.malformed(entry, 'NAME=KEY=VALUE;KEY=VALUE');
    this.#declared.set(declaration.name, declaration);
    this.placeholders.add(declaration.name);
  }

  #permit(kind: Permission['kind'], { text }: OptionEntry): void {
    this.#permission = { kind, names: new Set(text.split(' ')) };
  }

  #checkPermission({ name, origin }: OptionEntry): void {
    if (this.#permission === undefined || /^end-(black|white)list$/.test(name)) return;
    const { kind, names } = this.#permission;
    if (names.has(name) === (kind === 'blacklist')) throw ConfigLanguageError.forbidden(name, kind, origin);
  }
}

function linesOf(path: string, text: string): PlacedLine[] {
  return text.split('\n').map((content, at) => ({ path, line: at + 1, text: content }));
}

function parse({ format, section }: NamedSource, lines: readonly PlacedLine[]): ConfigDocument {
  try {
    return readDocument(format, lines.map(({ text }) => text).join('\n'), section);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    throw new ConfigSyntaxError(format, error.message, { origin: originOf(lines, error.line), suggestions: error.suggestions });
  }
}

function originOf(lines: readonly PlacedLine[], line: number): Origin {
  const placed = lines[line - 1] ?? lines.at(-1);
  return placed ? { kind: 'file', path: placed.path, line: placed.line } : { kind: 'default' };
}

function splitAssignment(entry: OptionEntry, form: string): { key: string; value: string } {
  const { text } = entry;
  const equals = text.indexOf('=');
  if (equals < 1) throw ConfigLanguageError.malformed(entry, form);
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}
