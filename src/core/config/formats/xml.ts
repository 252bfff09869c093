/**
 * uWSGI's XML, in which an element is an option:
 *
 *     <uwsgi id="dev">                      below another root, the first one or the one with the wanted id
 *       <socket>127.0.0.1:3031</socket>     the first node inside is the value, with all its blanks
 *       <master/>                           1
 *       <app mountpoint="/x">module</app>   mount = /x=module, and an empty app
 *     </uwsgi>
 */
import { type ConfigComment, type ConfigDocument, type ConfigPair, DEFAULT_SECTION, type Oddity, SyntaxProblem } from './document.ts';
import { parseXml, type XmlElement, type XmlNode, type XmlText } from './xml-tree.ts';

/** Attributes that mean something to uWSGI. */
const ATTRIBUTES: readonly string[] = ['id', 'mode'];
const APP_ATTRIBUTES: readonly string[] = [...ATTRIBUTES, 'mountpoint', 'domain'];

/**
 * The options of the section with this id, or of the first one.
 *
 * @throws SyntaxProblem
 */
export function readXml(text: string, section: string | undefined): ConfigDocument {
  const nodes = parseXml(text);
  const sections = sectionsOf(nodes);
  const chosen = sections.find((element) => nodes.includes(element) || isAskedFor(element, section));
  const children = chosen?.children ?? [];
  const reader = new SectionReader(section);
  for (const child of children) reader.read(child);

  const names = sections.map((element) => (element === chosen ? section : element.attributes.get('id')) ?? DEFAULT_SECTION);
  return { pairs: reader.pairs, sections: [...new Set(names)], comments: commentsOf([...nodes, ...children]), oddities: reader.oddities };
}

function sectionsOf(nodes: readonly XmlNode[]): readonly XmlElement[] {
  const root = nodes.find((node) => node.kind === 'element');
  const candidates = root?.name === 'uwsgi' ? [root] : (root?.children ?? []);
  const sections = candidates.filter((node) => node.kind === 'element').filter(({ name }) => name === 'uwsgi');
  if (sections.length > 0) return sections;
  throw new SyntaxProblem(root?.line ?? 1, 'there is no <uwsgi> element', ['put the options between <uwsgi> and </uwsgi>']);
}

/** What has no id belongs to all sections. The id of a root <uwsgi> does not count. */
function isAskedFor({ attributes }: XmlElement, section: string | undefined): boolean {
  const id = attributes.get('id');
  return id === undefined || section === undefined || id === section;
}

function commentsOf(nodes: readonly XmlNode[]): readonly ConfigComment[] {
  return nodes
    .filter((node): node is XmlText => node.kind === 'comment' && node.isFirst)
    .map(({ line, text }) => ({ line, text: text.trim() }))
    .sort((one, other) => one.line - other.line);
}

class SectionReader {
  readonly pairs: ConfigPair[] = [];
  readonly oddities: Oddity[] = [];
  readonly #section: string | undefined;

  constructor(section: string | undefined) {
    this.#section = section;
  }

  read(node: XmlNode): void {
    switch (node.kind) {
      case 'element':
        return this.#option(node);
      case 'cdata':
        this.pairs.push({ key: 'eval', value: node.text, line: node.line });
        return;
      case 'text':
        return this.#strayText(node.text, node.line);
      case 'comment':
        return;
    }
  }

  #option(element: XmlElement): void {
    if (!isAskedFor(element, this.#section)) return;
    const { name, line, attributes } = element;
    const known = name === 'app' ? APP_ATTRIBUTES : ATTRIBUTES;
    for (const attribute of attributes.keys()) if (!known.includes(attribute)) this.#ignored(attribute, element);
    if (name === 'app') return this.#app(element);
    const value = this.#value(element);
    this.#checkBlanks(value, element);
    this.pairs.push({ key: name, value, line });
  }

  /** The first node inside, be it a comment. */
  #value({ name, line, children }: XmlElement): string {
    const [first, second] = children;
    if (first === undefined) return '1';
    if (first.kind === 'element') {
      throw new SyntaxProblem(first.line, `<${first.name}> stands inside <${name}>, which takes text`, [
        `write <${first.name}> behind </${name}>`,
      ]);
    }
    if (second !== undefined || first.kind === 'comment') this.#cut(name, line, first.text);
    return first.text;
  }

  /** An application, whose module is the text, or stands in an element behind some blanks. */
  #app({ line, attributes, children }: XmlElement): void {
    const module = moduleOf(children);
    if (module === undefined && children.length > 0) return this.#lostApp(line);
    const mountpoint = attributes.get('mountpoint');
    const domain = attributes.get('domain');
    const prefix = mountpoint === undefined ? (domain === undefined ? '' : `${domain}|=`) : `${mountpoint}=`;
    if (module !== undefined) this.pairs.push({ key: 'mount', value: prefix + module, line });
    this.pairs.push({ key: 'app', value: '', line });
  }

  #checkBlanks(value: string, { name, line }: XmlElement): void {
    const bare = value.trim();
    if (bare === value || bare === '' || /^[+-]?\d+$/.test(bare)) return;
    this.oddities.push({
      line,
      rule: 'xml-blanks',
      message: `the blanks around "${bare}" are a part of the value`,
      suggestion: `write <${name}>${bare}</${name}>`,
    });
  }

  #cut(name: string, line: number, value: string): void {
    this.oddities.push({
      line,
      rule: 'xml-value',
      message: `only the first part of <${name}> is its value: "${value}"`,
      suggestion: `write nothing but the value between <${name}> and </${name}>`,
    });
  }

  #lostApp(line: number): void {
    this.oddities.push({
      line,
      rule: 'xml-app',
      message: 'this application is not read: uWSGI wants its module as text',
      suggestion: 'write <mount>MOUNTPOINT=MODULE</mount>',
    });
  }

  #ignored(attribute: string, { name, line }: XmlElement): void {
    this.oddities.push({
      line,
      rule: 'xml-attribute',
      message: `the attribute "${attribute}" of <${name}> is not read`,
      suggestion: 'remove it, or make an element of it',
    });
  }

  #strayText(text: string, line: number): void {
    if (text.trim() === '') return;
    this.oddities.push({
      line,
      rule: 'xml-text',
      message: `"${text.trim()}" stands between the elements and is not read`,
      suggestion: 'put it into an element that is named after its option',
    });
  }
}

/** The only node, or the text of the element that is the second one. */
function moduleOf([first, second]: readonly XmlNode[]): string | undefined {
  const text = second?.kind === 'element' ? second.children[0] : second === undefined ? first : undefined;
  return text?.kind === 'element' ? undefined : text?.text;
}
