/**
 * uWSGI's JSON: an object for each section. Keys may repeat, and numbers are their text.
 *
 *     "socket": [":1", ":2"]     once for each item
 *     true, false, null          1, 0, 0
 *     // and these comments
 */
import type * as JsoncParser from 'jsonc-parser';
import { type ConfigComment, type ConfigDocument, type ConfigPair, type Oddity, SyntaxProblem } from './document.ts';
import { library } from './library.ts';
import { Lines } from './lines.ts';

type Node = JsoncParser.Node;

/** What the parser expected, for those of its errors that have something better than "a value is malformed". */
const EXPECTATIONS: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a name in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a ":" is expected here',
  CommaExpected: 'a "," is expected here',
  CloseBraceExpected: 'a "}" is missing',
  CloseBracketExpected: 'a "]" is missing',
  EndOfFileExpected: 'nothing may follow behind the last "}"',
  UnexpectedEndOfString: 'a closing quote is missing',
  UnexpectedEndOfComment: 'the comment has no end',
  InvalidEscapeCharacter: 'there is no such escape in JSON',
  InvalidCharacter: 'a control character must be written as an escape',
};

/** @throws SyntaxProblem */
export function readJson(text: string, section: string): ConfigDocument {
  const lines = new Lines(text);
  const root = parse(text, lines);
  if (root?.type !== 'object') throw new SyntaxProblem(1, 'it is no object', [`write {"${section}": {…}}`]);
  const sections = propertiesOf(root).filter(({ value }) => value.type === 'object');
  const chosen = sections.find(({ key }) => key === section);
  const reader = new SectionReader(text, lines);
  for (const property of chosen ? propertiesOf(chosen.value) : []) reader.read(property);
  return {
    pairs: reader.pairs,
    sections: [...new Set(sections.map(({ key }) => key))],
    comments: commentsOf(text, lines),
    oddities: reader.oddities,
  };
}

function parse(text: string, lines: Lines): Node | undefined {
  const { parseTree, printParseErrorCode } = parser();
  const errors: JsoncParser.ParseError[] = [];
  const root = tryParse(() => parseTree(text, errors));
  const [first] = errors;
  if (first === undefined) return root;
  const comma = trailingComma(text, first.offset);
  if (comma !== undefined) throw new SyntaxProblem(lines.at(comma), 'nothing follows behind this comma', ['remove the last ","']);
  throw new SyntaxProblem(lines.at(first.offset), EXPECTATIONS[printParseErrorCode(first.error)] ?? 'a value is malformed');
}

function parser(): typeof JsoncParser {
  return library('jsonc-parser') as typeof JsoncParser;
}

/** The parser calls itself for each level, and the stack has an end. */
function tryParse(attempt: () => Node | undefined): Node | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof RangeError) throw new SyntaxProblem(1, 'it is nested too deeply');
    throw error;
  }
}

/** The place of the comma before a closing bracket at which the parser stopped. */
function trailingComma(text: string, offset: number): number | undefined {
  if (!/[\]}]/.test(text.charAt(offset))) return undefined;
  // Comments become blanks, so that all places stay.
  const before = parser().stripComments(text, ' ').slice(0, offset).trimEnd();
  return before.endsWith(',') ? before.length - 1 : undefined;
}

interface Property {
  readonly key: string;
  readonly value: Node;
  readonly offset: number;
}

function propertiesOf({ children = [] }: Node): readonly Property[] {
  return children.flatMap(({ offset, children: [key, value] = [] }) => (key && value ? [{ key: String(key.value), value, offset }] : []));
}

class SectionReader {
  readonly pairs: ConfigPair[] = [];
  readonly oddities: Oddity[] = [];
  readonly #text: string;
  readonly #lines: Lines;

  constructor(text: string, lines: Lines) {
    this.#text = text;
    this.#lines = lines;
  }

  read({ key, value, offset }: Property): void {
    if (value.type !== 'array') return this.#add(key, value, offset);
    for (const item of value.children ?? []) this.#add(key, item, item.offset);
  }

  #add(key: string, value: Node, offset: number): void {
    const line = this.#lines.at(offset);
    const text = this.#textOf(value);
    if (text === undefined) this.oddities.push(nested(key, line));
    else this.pairs.push({ key, value: text, line });
  }

  #textOf({ type, value, offset, length }: Node): string | undefined {
    switch (type) {
      case 'string':
        return String(value);
      case 'number':
        return this.#text.slice(offset, offset + length);
      case 'boolean':
        return value === true ? '1' : '0';
      case 'null':
        return '0';
      default:
        return undefined;
    }
  }
}

function nested(key: string, line: number): Oddity {
  return {
    line,
    rule: 'json-nested',
    message: `an object or a list inside "${key}" is not read`,
    suggestion: `write "${key}": "…", or a list of texts`,
  };
}

function commentsOf(text: string, lines: Lines): readonly ConfigComment[] {
  const comments: ConfigComment[] = [];
  parser().visit(text, {
    onComment(offset, length) {
      if (lines.isFirst(offset)) comments.push({ line: lines.at(offset), text: bare(text.slice(offset, offset + length)) });
    },
  });
  return comments;
}

function bare(comment: string): string {
  return comment.replace(/^\/\/|^\/\*|\*\/$/g, '').trim();
}
