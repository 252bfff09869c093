/** XML as a tree with lines, strictly: what uWSGI's libxml2 refuses is refused. */
import type * as FastXmlParser from 'fast-xml-parser';
import { SyntaxProblem } from './document.ts';
import { library } from './library.ts';
import { Lines } from './lines.ts';

export interface XmlElement {
  readonly kind: 'element';
  /** Without its namespace. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlNode[];
  readonly line: number;
}

export interface XmlText {
  readonly kind: 'text' | 'cdata' | 'comment';
  readonly text: string;
  readonly line: number;
  /** Whether it is the first in its line. */
  readonly isFirst: boolean;
}

export type XmlNode = XmlElement | XmlText;

/** A node as the parser gives it: one property named after the kind or the element. */
type ParsedNode = Readonly<Record<string, unknown>>;

// A prefix that no name in XML can begin with: an element can neither be taken for text, nor for a property that all objects have.
const ELEMENT = '<';

/** Where the parser puts the attributes of an element. */
const ATTRIBUTES = ':@';

const OPTIONS: FastXmlParser.X2jOptions = {
  preserveOrder: true,
  captureMetaData: true,
  trimValues: false,
  parseTagValue: false,
  ignoreAttributes: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Here, and not there: an entity that is not known must not go unnoticed.
  processEntities: false,
  textNodeName: '#text',
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  attributeNamePrefix: '@',
  transformTagName: (name) => ELEMENT + name,
};

/** The characters that XML 1.0 does not allow, not even as `&#1;`. */
export const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const ENTITIES: ReadonlyMap<string, string> = new Map(Object.entries({ lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }));

/**
 * The root element and the comments around it.
 *
 * @throws SyntaxProblem
 */
export function parseXml(text: string): readonly XmlNode[] {
  const forbidden = text.search(FORBIDDEN);
  if (forbidden !== -1) throw new SyntaxProblem(new Lines(text).at(forbidden), 'XML allows no control characters', ['remove it']);
  const nodes = new TreeReader(text).read();
  const [root, second] = nodes.filter((node) => node.kind === 'element');
  if (root === undefined) throw new SyntaxProblem(1, 'there is no element', ['put the options between <uwsgi> and </uwsgi>']);
  if (second !== undefined) throw new SyntaxProblem(second.line, `<${second.name}> stands behind the end of <${root.name}>`);
  return nodes;
}

class TreeReader {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #library = library('fast-xml-parser') as typeof FastXmlParser;
  /** Up to here everything has been seen. The parser gives no places of comments. */
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new Lines(text);
  }

  read(): readonly XmlNode[] {
    return this.#nodes(this.#parse());
  }

  #parse(): readonly ParsedNode[] {
    // The parser alone takes nearly anything. The package that is to follow the validator is a young one.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const { XMLParser, XMLValidator } = this.#library;
    const verdict = XMLValidator.validate(this.#text);
    if (verdict !== true) throw new SyntaxProblem(verdict.err.line, tidy(verdict.err.msg));
    try {
      return new XMLParser(OPTIONS).parse(this.#text) as readonly ParsedNode[];
    } catch (error) {
      // The library throws plain errors, all of them about the text, and says no line.
      throw new SyntaxProblem(1, tidy((error as Error).message));
    }
  }

  #nodes(parsed: readonly ParsedNode[]): readonly XmlNode[] {
    const nodes: XmlNode[] = [];
    for (const node of parsed) {
      const next = this.#node(node);
      const last = nodes.at(-1);
      // One CDATA cannot hold its own end, so a text may be cut into several.
      if (next.kind === 'cdata' && last?.kind === 'cdata') nodes.splice(-1, 1, { ...last, text: last.text + next.text });
      else nodes.push(next);
    }
    return nodes;
  }

  #node(node: ParsedNode): XmlNode {
    const name = Object.keys(node).find((key) => key !== ATTRIBUTES) ?? '';
    if (name.startsWith(ELEMENT)) return this.#element(node, name);
    const content = node[name];
    const text = typeof content === 'string' ? content : (content as readonly ParsedNode[])[0]?.['#text'];
    return this.#textNode(name, String(text));
  }

  #element(node: ParsedNode, name: string): XmlElement {
    // The types of the library say Symbol, the object, where they mean a symbol.
    const symbol = this.#library.XMLParser.getMetaDataSymbol() as symbol;
    this.#offset = (node as Record<symbol, { startIndex: number } | undefined>)[symbol]?.startIndex ?? this.#offset;
    const line = this.#lines.at(this.#offset);
    return {
      kind: 'element',
      // The parser puts the prefix before an empty element twice.
      name: name.replace(/^<+/, ''),
      attributes: this.#attributes((node[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>),
      children: this.#nodes(node[name] as readonly ParsedNode[]),
      line,
    };
  }

  #attributes(parsed: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
    return new Map(Object.entries(parsed).map(([name, value]) => [name.slice(1), this.#decode(value)]));
  }

  #textNode(name: string, text: string): XmlText {
    if (name === '#text') return this.#placed('text', this.#decode(text));
    const isComment = name === '#comment';
    this.#offset = this.#text.indexOf(isComment ? '<!--' : '<![CDATA[', this.#offset);
    const node = this.#placed(isComment ? 'comment' : 'cdata', text);
    this.#offset += text.length;
    return node;
  }

  #placed(kind: XmlText['kind'], text: string): XmlText {
    return { kind, text, line: this.#lines.at(this.#offset), isFirst: this.#lines.isFirst(this.#offset) };
  }

  #decode(text: string): string {
    return text.replace(/&([^;\s&]*);?/g, (whole, name: string) => {
      const decoded = whole.endsWith(';') ? (ENTITIES.get(name) ?? decodeNumber(name)) : undefined;
      if (decoded !== undefined) return decoded;
      throw new SyntaxProblem(this.#lines.at(this.#offset), `the entity "${whole}" is not known`, [
        'write "&amp;" for "&"',
        'write out what a DOCTYPE defines',
      ]);
    });
  }
}

/** `#65`, `#x41`. */
function decodeNumber(name: string): string | undefined {
  const [, hexadecimal, decimal] = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? [];
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  const character = code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
  return FORBIDDEN.test(character) ? undefined : character;
}

function tidy(message: string): string {
  return message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}
