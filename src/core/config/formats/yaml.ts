/**
 * Both of uWSGI's YAML dialects. Which one a uWSGI reads depends on how it was built, so files of both kinds are about: first comes
 * libyaml's, which is YAML; where that fails, the line parser that uWSGI brings along (yaml-lines.ts).
 */
import { type ConfigComment, type ConfigDocument, type Oddity, SyntaxProblem } from './document.ts';
import { Lines } from './lines.ts';
import { readYamlLines } from './yaml-lines.ts';
import { YamlSection } from './yaml-section.ts';
import { parseYaml, type YamlNode, type YamlPair, type YamlScalar, type YamlTree } from './yaml-tree.ts';

/** @throws SyntaxProblem where the text is neither. */
export function readYaml(text: string, name: string): ConfigDocument {
  const tree = tryParse(text);
  if (tree instanceof SyntaxProblem) return readYamlLines(text, name, tree);
  const found = findSection(tree.documents, name);
  const section = new YamlSection();
  if (found) readSection(section, found);

  const names = tree.documents.flatMap(namesOf);
  return {
    pairs: section.pairs,
    sections: [...new Set(found ? [...names, name] : names)],
    comments: commentsOf(text, tree),
    oddities: section.oddities,
  };
}

function tryParse(text: string): YamlTree | SyntaxProblem {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof SyntaxProblem) return error;
    throw error;
  }
}

/** Like uWSGI at any depth: the first key of this name that has something below it. */
function findSection(nodes: readonly YamlNode[], name: string): YamlNode | undefined {
  for (const node of nodes) {
    const found = node.kind === 'sequence' ? findSection(node.items, name) : node.kind === 'mapping' && findAmong(node.pairs, name);
    if (found) return found;
  }
  return undefined;
}

function findAmong(pairs: readonly YamlPair[], name: string): YamlNode | undefined {
  for (const pair of pairs) {
    const found = isSection(pair) && pair.key.text === name ? pair.value : findSection([pair.value], name);
    if (found) return found;
  }
  return undefined;
}

function namesOf(document: YamlNode): readonly string[] {
  return document.kind === 'mapping' ? document.pairs.filter(isSection).map(({ key }) => key.text) : [];
}

function isSection(pair: YamlPair): pair is YamlPair & { readonly key: YamlScalar } {
  return pair.key.kind === 'scalar' && (pair.value.kind === 'mapping' || pair.value.kind === 'sequence');
}

function readSection(section: YamlSection, node: YamlNode): void {
  const [first, lost] = node.kind === 'sequence' ? node.items : [node];
  if (first?.kind === 'mapping' && !first.isFlow) section.readMapping(first);
  else if (first && !isEmptyMapping(first)) section.oddities.push(unread(first.line));
  if (lost) section.oddities.push(unread(lost.line));
}

function isEmptyMapping(node: YamlNode): boolean {
  return node.kind === 'mapping' && node.pairs.length === 0;
}

function unread(line: number): Oddity {
  return {
    line,
    rule: 'yaml-section',
    message: 'what begins here is not read: uWSGI wants the options of a section as lines below its name',
    suggestion: 'write "key: value" on a line of its own, indented, for each option',
  };
}

function commentsOf(text: string, { scalars }: YamlTree): readonly ConfigComment[] {
  const lines = new Lines(text);
  const comments: ConfigComment[] = [];
  let next = 0;
  for (const { index, 0: whole, 1: content = '' } of text.matchAll(/^[ \t]*#(.*)$/gm)) {
    const offset = index + whole.indexOf('#');
    while ((scalars[next]?.end ?? Infinity) <= offset) next++;
    const isInside = (scalars[next]?.start ?? Infinity) < offset;
    if (!isInside) comments.push({ line: lines.at(offset), text: content.trim() });
  }
  return comments;
}
