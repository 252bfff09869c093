import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RuleFlaw } from '../../../src/core/errors/routing.ts';
import { translatePattern } from '../../../src/core/routing/pattern.ts';

/** What the whole of an expression finds first. */
function found(pattern: string, text: string): string | undefined {
  const { source, flags } = translatePattern(pattern);
  return new RegExp(source, flags).exec(text)?.[0];
}

describe('an expression of PCRE', () => {
  for (const { pattern, text, finds } of [
    { pattern: '^/a', text: '/ab', finds: '/a' },
    { pattern: '(?i)^/A', text: '/ab', finds: '/a' },
    { pattern: '(?is)^/A.', text: '/a\n', finds: '/a\n' },
    { pattern: '.+', text: 'a\rb\nc', finds: 'a\rb' },
    { pattern: '\\Ab\\z', text: 'b\n', finds: undefined },
    { pattern: 'b\\Z', text: 'b\n', finds: 'b' },
    { pattern: '[[:alpha:]_]+', text: '1ab_2', finds: 'ab_' },
    { pattern: '[^[:digit:]]+', text: '12ab', finds: 'ab' },
    { pattern: '[]a]+', text: 'xa]', finds: 'a]' },
    { pattern: '[^]a]+', text: 'a]xy', finds: 'xy' },
    { pattern: '[a\\]b]+', text: 'a]b', finds: 'a]b' },
    { pattern: '[\\s\\h]+', text: 'a \tb', finds: ' \t' },
    { pattern: '\\s', text: '\xa0', finds: undefined },
    { pattern: '\\h', text: '\xa0', finds: '\xa0' },
    { pattern: 'a\\Rb', text: 'a\r\nb', finds: 'a\r\nb' },
    { pattern: '(?P<n>a)(?P=n)', text: 'aa', finds: 'aa' },
    { pattern: "(?'n'a)\\k{n}", text: 'aa', finds: 'aa' },
    { pattern: '(a)\\g{1}\\g1', text: 'aaa', finds: 'aaa' },
    { pattern: 'a(?#a comment)b', text: 'ab', finds: 'ab' },
    { pattern: '\\x{e9}\\xc3', text: '\xe9\xc3', finds: '\xe9\xc3' },
    { pattern: 'a{2}b{,2}', text: 'aab{,2}', finds: 'aab{,2}' },
    { pattern: 'a+?', text: 'aa', finds: 'a' },
    { pattern: '(?<!a)b(?!c)', text: 'abcb', finds: 'b' },
    { pattern: '\\.php(?:/|$)', text: '/x.php', finds: '.php' },
    { pattern: '\\/\\-\\#', text: '/-#', finds: '/-#' },
  ]) {
    test(`${pattern} finds ${JSON.stringify(finds)} in ${JSON.stringify(text)}`, () => {
      assert.equal(found(pattern, text), finds);
    });
  }

  for (const { pattern, message, column } of [
    { pattern: '^/(a', message: /"\^\/\(a" is no regular expression: unterminated group/, column: 1 },
    { pattern: 'a++', message: /possessive/, column: 2 },
    { pattern: 'a{2}+', message: /possessive/, column: 2 },
    { pattern: 'x(?>a)', message: /atomic groups/, column: 2 },
    { pattern: 'a(?i)b', message: /modifiers are only supported at the beginning/, column: 2 },
    { pattern: 'a(?i:b)', message: /modifiers/, column: 2 },
    { pattern: '(?x)a b', message: /the modifier x/, column: 1 },
    { pattern: '(a)(?1)', message: /groups that begin with "\(\?1"/, column: 4 },
    { pattern: '(?R)', message: /groups that begin with "\(\?R"/, column: 1 },
    { pattern: '(*UTF8)a', message: /verbs/, column: 1 },
    { pattern: '\\pL', message: /"\\p" is not supported/, column: 1 },
    { pattern: 'a\\Kb', message: /"\\K" is not supported/, column: 2 },
    { pattern: '[\\B]', message: /"\\B" is not supported within \[ \]/, column: 2 },
    { pattern: '[[:nope:]]', message: /\[:nope:\] is not supported/, column: 2 },
    { pattern: 'a[b', message: /a \[ without its \]/, column: 2 },
    { pattern: 'a\\', message: /a backslash at the end/, column: 2 },
  ]) {
    test(`${pattern} is refused`, () => {
      assert.throws(
        () => translatePattern(pattern),
        (error) => error instanceof RuleFlaw && message.test(error.message) && error.column === column,
      );
    });
  }
});
