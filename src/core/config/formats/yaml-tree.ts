/**
 * YAML as a tree that keeps what js-yaml's own result loses: lines, the order of all pairs, and keys that repeat. It is made of what
 * js-yaml tells while it reads: each node is opened before its children and closed after them.
 */
import type * as JsYaml from 'js-yaml';
import { SyntaxProblem } from './document.ts';
import { library } from './library.ts';

export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlNothing;

export interface YamlScalar {
  readonly kind: 'scalar';
  /** As written: nothing is a number or a truth value here. */
  readonly text: string;
  readonly line: number;
  /** `&anchor`, `*alias` or `!tag`. */
  readonly isDecorated: boolean;
}

interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly line: number;
}

export interface YamlMapping {
  readonly kind: 'mapping';
  readonly pairs: readonly YamlPair[];
  readonly line: number;
  /** Written in braces. */
  readonly isFlow: boolean;
}

export interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** Nothing where a value could stand, or an alias of something that is no text. */
interface YamlNothing {
  readonly kind: 'nothing';
  readonly line: number;
  readonly isAlias: boolean;
}

/** The parser with what its types leave out. */
interface ParserState extends Omit<JsYaml.State, 'kind'> {
  readonly kind: string | null;
  readonly tag: string | null;
  readonly anchor: string | null;
}

/** A node that is still being read. */
interface Draft {
  readonly line: number;
  readonly start: number;
  readonly isValue: boolean;
  readonly children: Child[];
}

interface Child {
  readonly node: YamlNode;
  /** What js-yaml makes of it: a node that is announced twice has one result. */
  readonly result: unknown;
  readonly isValue: boolean;
  readonly end: number;
}

export interface YamlTree {
  readonly documents: readonly YamlNode[];
  /** Where the texts stand, in their order. */
  readonly scalars: readonly Span[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** @throws SyntaxProblem */
export function parseYaml(text: string): YamlTree {
  const { loadAll, FAILSAFE_SCHEMA, YAMLException } = library('js-yaml') as typeof JsYaml;
  const builder = new TreeBuilder();
  try {
    loadAll(text, null, {
      schema: FAILSAFE_SCHEMA,
      // Repeated keys are no error.
      json: true,
      listener(event, state) {
        if (event === 'open') builder.open(state as ParserState);
        else builder.close(state as ParserState);
      },
    });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    throw new SyntaxProblem(error.mark.line + 1, error.reason);
  }
  return builder;
}

class TreeBuilder implements YamlTree {
  readonly documents: YamlNode[] = [];
  readonly scalars: Span[] = [];
  readonly #open: Draft[] = [];

  open({ line, position, input }: ParserState): void {
    const before = this.#open.at(-1)?.children.at(-1);
    // Only a value has a colon between itself and the node before it.
    const isValue = before !== undefined && /^(\s|#[^\n]*\n)*:/.test(input.slice(before.end, position));
    this.#open.push({ line: line + 1, start: position, isValue, children: [] });
  }

  close(state: ParserState): void {
    const draft = this.#open.pop();
    if (draft === undefined) return;
    const node = this.#nodeOf(draft, state);
    if (node.kind === 'scalar') this.scalars.push({ start: draft.start, end: state.position });
    const parent = this.#open.at(-1);
    if (parent === undefined) this.documents.push(node);
    else parent.children.push({ node, result: state.result, isValue: draft.isValue, end: state.position });
  }

  #nodeOf({ line, children }: Draft, { kind, result, tag, anchor, input, position }: ParserState): YamlNode {
    if (typeof result === 'string') {
      const isPlain = anchor === null && (tag === null || tag === '?') && kind === 'scalar';
      return { kind: 'scalar', text: result, line, isDecorated: !isPlain };
    }
    if (result === null || kind === null) return { kind: 'nothing', line, isAlias: result !== null };
    // What could have been the first key of a mapping is announced once more as that key.
    const [only] = children;
    if (only && only.result === result) return only.node;
    if (kind === 'sequence') return { kind, items: children.map(({ node }) => node), line };
    return { kind: 'mapping', pairs: pairsOf(children), line, isFlow: input.charAt(position - 1) === '}' };
  }
}

/** A key is followed by its value, if it has one. */
function pairsOf(children: readonly Child[]): readonly YamlPair[] {
  return children.flatMap(({ node, isValue }, index) => {
    if (isValue) return [];
    const next = children[index + 1];
    if (next?.isValue === true) return [{ key: node, value: next.node }];
    // js-yaml looks for one more key where a mapping ends.
    return node.kind === 'nothing' ? [] : [{ key: node, value: { kind: 'nothing', line: node.line, isAlias: false } as const }];
  });
}
