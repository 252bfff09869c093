import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cellsOf, cut, fit, fromClient, harmless } from '../../src/top/cells.ts';

describe('what a client said', () => {
  for (const { what, said, shown } of [
    { what: 'printable ASCII stays, markup as well', said: '/a?b=<script>"', shown: '/a?b=<script>"' },
    { what: 'an escape sequence moves no cursor', said: '/\u001B[2J\u0007', shown: '/%1B[2J%07' },
    { what: 'line ends stay on the line', said: '/a\r\nb', shown: '/a%0D%0Ab' },
    { what: 'bytes are as a browser sends them', said: '/caf\u00C3\u00A9\u009B', shown: '/caf%C3%A9%9B' },
    { what: 'wide characters take one cell a character', said: '/你', shown: '/%E4%BD%A0' },
    { what: 'nothing turns the direction of the line', said: '/\u202Egpj.exe', shown: '/%E2%80%AEgpj.exe' },
    { what: 'half a character is no error', said: '/\uD83D', shown: '/%EF%BF%BD' },
  ]) {
    test(what, () => assert.equal(fromClient(said), shown));
  }
});

describe('names that operators give', () => {
  test('stay in their script, but move nothing', () => {
    assert.equal(harmless('/srv/приложение 你好 é'), '/srv/приложение 你好 é');
    assert.equal(harmless('a\u001B[2Jb\nc\u202Ed\u2028e'), 'a?[2Jb?c?d?e');
  });

  test('are as wide as they look', () => {
    assert.deepEqual(['abc', '你好', 'e\u0301', '…', ''].map(cellsOf), [3, 4, 1, 1, 0]);
  });
});

describe('a text that is cut', () => {
  test('is never wider than was asked for', () => {
    for (const text of ['abcdef', '你好你好', 'a你b好', 'e\u0301e\u0301e\u0301', '👩‍👩‍👧x👩‍👩‍👧']) {
      for (let cells = 0; cells < 10; cells++) {
        assert.ok(cellsOf(cut(text, cells)) <= cells, `${text} in ${String(cells)}`);
        assert.equal(cellsOf(fit(text, cells)), cells, `${text} in ${String(cells)}`);
      }
    }
  });

  test('says so', () => {
    assert.deepEqual([cut('abcdef', 6), cut('abcdef', 5), cut('你好你好', 6), cut('ab', 0)], ['abcdef', 'abcd…', '你好…', '']);
  });

  test('stands to the left or to the right', () => {
    assert.deepEqual([fit('ab', 4), fit('ab', 4, 'right')], ['ab  ', '  ab']);
  });
});
