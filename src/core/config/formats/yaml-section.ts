import type { ConfigPair, Oddity } from './document.ts';
import type { YamlMapping, YamlNode, YamlPair } from './yaml-tree.ts';

/**
 * The options of a section as uWSGI sees them, to whom all nesting but that of lists means nothing:
 *
 *     env: [A=1, B=2]      env = A=1, env = B=2
 *     env: {A: 1}          A = 1
 *     master:              not there
 */
export class YamlSection {
  readonly pairs: ConfigPair[] = [];
  readonly oddities: Oddity[] = [];

  readMapping(mapping: YamlMapping): void {
    for (const pair of mapping.pairs) this.#readPair(pair);
  }

  #readPair({ key, value }: YamlPair): void {
    if (key.kind !== 'scalar') {
      this.oddities.push(complexKey(key.line));
      return;
    }
    if (key.isDecorated) this.oddities.push(decoration(key.line));
    this.#readValue(key.text, value, key.line);
  }

  #readValue(key: string, value: YamlNode, line: number): void {
    switch (value.kind) {
      case 'scalar':
        if (value.isDecorated) this.oddities.push(decoration(line));
        this.pairs.push({ key, value: value.text, line });
        return;
      case 'nothing':
        this.oddities.push(value.isAlias ? aliasOfMany(key, line) : withoutValue(key, line));
        return;
      case 'sequence':
        return this.#readItems(key, value.items);
      case 'mapping':
        this.oddities.push(nesting(key, line));
        return this.readMapping(value);
    }
  }

  /** The key of a list is forgotten at the first item that is no text: uWSGI does not come back to it. */
  #readItems(key: string | undefined, items: readonly YamlNode[]): void {
    let current = key;
    for (const item of items) {
      if (current !== undefined && item.kind !== 'sequence') this.#readValue(current, item, item.line);
      else if (item.kind === 'sequence') this.#readItems(current, item.items);
      else if (item.kind === 'mapping') this.readMapping(item);
      else this.oddities.push(lostItem(item.line));
      if (item.kind === 'sequence' || item.kind === 'mapping') current = undefined;
    }
  }
}

function complexKey(line: number): Oddity {
  return { line, rule: 'yaml-key', message: 'this key is no text and is not read', suggestion: 'write "key: value"' };
}

function lostItem(line: number): Oddity {
  return {
    line,
    rule: 'yaml-list',
    message: 'this item is not read: its list ends with the options or the list in it',
    suggestion: 'write one list of texts',
  };
}

function nesting(key: string, line: number): Oddity {
  return {
    line,
    rule: 'yaml-nested',
    message: `"${key}" has options inside it: they are read, and "${key}" is not`,
    suggestion: `write them beside "${key}", or its values as a list: "- value"`,
  };
}

function aliasOfMany(key: string, line: number): Oddity {
  return {
    line,
    rule: 'yaml-alias',
    message: `"${key}" takes no list and no options from elsewhere in the file, and is not read`,
    suggestion: 'write the value out',
  };
}

function decoration(line: number): Oddity {
  return {
    line,
    rule: 'yaml-alias',
    message: 'uWSGI stops reading here: it knows no anchors, aliases and tags',
    suggestion: 'write the value out',
  };
}

/** `master:` alone. */
export function withoutValue(key: string, line: number): Oddity {
  return {
    line,
    rule: 'yaml-no-value',
    message: `"${key}" has no value and is not read`,
    suggestion: `write "${key}: true", or the value that is meant`,
  };
}
