import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SyntaxProblem } from '../../../../src/core/config/formats/document.ts';
import { readXml } from '../../../../src/core/config/formats/xml.ts';

/** A section with these elements, one in a line, as `line key=value`. */
function read(...elements: string[]): string[] {
  const { pairs } = readXml(['<uwsgi>', ...elements, '</uwsgi>'].join('\n'), undefined);
  return pairs.map(({ key, value, line }) => `${line} ${key}=${value}`);
}

function odd(...elements: string[]): string[] {
  return readXml(['<uwsgi>', ...elements, '</uwsgi>'].join('\n'), undefined).oddities.map(({ line, rule }) => `${line} ${rule}`);
}

describe('readXml', () => {
  // What uWSGI 2.0.21 made of each of these was observed on the real one.
  for (const { what, elements, pairs } of [
    {
      what: 'all blanks of a value',
      elements: ['<a> x </a>', '<b>', '\t2', '</b>', '<c> </c>'],
      pairs: ['2 a= x ', '3 b=\n\t2\n', '6 c= '],
    },
    { what: 'an empty element as 1', elements: ['<a/>', '<b></b>', '<c />'], pairs: ['2 a=1', '3 b=1', '4 c=1'] },
    { what: 'an empty CDATA as empty', elements: ['<a><![CDATA[]]></a>'], pairs: ['2 a='] },
    { what: 'entities', elements: ['<a>&lt;&#65;&#x42;&quot;&amp;amp;</a>'], pairs: ['2 a=<AB"&amp;'] },
    { what: 'CDATA', elements: ['<a><![CDATA[<b> &amp; ]]></a>'], pairs: ['2 a=<b> &amp; '] },
    { what: 'CDATA in several parts', elements: ['<a><![CDATA[x]]]]><![CDATA[>y]]></a>'], pairs: ['2 a=x]]>y'] },
    { what: 'CDATA between the elements', elements: ['<![CDATA[x]]>'], pairs: ['2 eval=x'] },
    {
      what: 'the first node of several',
      elements: ['<a>x<!-- c -->y</a>', '<b><!-- c -->y</b>', '<c>x<d/>y</c>'],
      pairs: ['2 a=x', '3 b= c ', '4 c=x'],
    },
    { what: 'numbers as text', elements: ['<a>007</a>', '<b>1.50</b>', '<c>true</c>'], pairs: ['2 a=007', '3 b=1.50', '4 c=true'] },
    { what: 'names without their namespace', elements: ['<x:a xmlns:x="y">1</x:a>'], pairs: ['2 a=1'] },
    {
      what: 'names that all objects have',
      elements: ['<constructor>1</constructor>', '<__proto__/>', '<toString>2</toString>'],
      pairs: ['2 constructor=1', '3 __proto__=1', '4 toString=2'],
    },
    {
      what: 'applications',
      elements: ['<app mountpoint="/x">v</app>', '<app domain="d">v</app>', '<app>v</app>'],
      pairs: ['2 mount=/x=v', '2 app=', '3 mount=d|=v', '3 app=', '4 mount=v', '4 app='],
    },
    {
      what: 'applications with a script behind a blank',
      elements: ['<app mountpoint="/x"> <script>v</script></app>'],
      pairs: ['2 mount=/x=v', '2 app='],
    },
    { what: 'no applications with a script alone', elements: ['<app mountpoint="/x"><script>v</script></app>'], pairs: [] },
    { what: 'empty applications', elements: ['<app mountpoint="/x"/>'], pairs: ['2 app='] },
    { what: 'lines that end as on Windows', elements: ['<a>1</a>\r', '<b>x\r\ny&#13;</b>\r'], pairs: ['2 a=1', '3 b=x\ny\r'] },
  ]) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read(...elements), pairs);
    });
  }

  for (const { element, rules } of [
    { element: '<a> x</a>', rules: ['2 xml-blanks'] },
    { element: '<a> 5\n</a>', rules: [] },
    { element: '<a b="1">x</a>', rules: ['2 xml-attribute'] },
    { element: '<a id="1" mode="2">x</a>', rules: [] },
    { element: '<a>x<!-- y --></a>', rules: ['2 xml-value'] },
    { element: 'text', rules: ['1 xml-text'] },
    { element: '<app mountpoint="/"><script>x</script></app>', rules: ['2 xml-app'] },
  ]) {
    test(`says ${rules.join() || 'nothing'} about ${element}`, () => {
      assert.deepEqual(odd(element), rules);
    });
  }

  const several = '<r><uwsgi id="a"><x>1</x></uwsgi><uwsgi id="b"><y>2</y><z id="c">3</z></uwsgi></r>';
  for (const { what, text, section, keys, sections } of [
    { what: 'the first one', text: several, section: undefined, keys: ['x'], sections: ['uwsgi', 'b'] },
    { what: 'the one with the id', text: several, section: 'b', keys: ['y'], sections: ['a', 'b'] },
    { what: 'none with another id', text: several, section: 'c', keys: [], sections: ['a', 'b'] },
    { what: 'one without id', text: '<r><uwsgi><x/></uwsgi></r>', section: 'b', keys: ['x'], sections: ['b'] },
    {
      what: 'the root, whatever its id',
      text: '<uwsgi id="a"><x/><y id="b"/><z id="a"/></uwsgi>',
      section: 'b',
      keys: ['x', 'y'],
      sections: ['b'],
    },
    { what: 'all of it', text: '<uwsgi id="a"><x/><y id="b"/></uwsgi>', section: undefined, keys: ['x', 'y'], sections: ['uwsgi'] },
  ]) {
    test(`finds a section: ${what}`, () => {
      const found = readXml(text, section);
      assert.deepEqual({ keys: found.pairs.map(({ key }) => key), sections: found.sections }, { keys, sections });
    });
  }

  test('finds comments', () => {
    const text = '<?xml version="1.0"?>\n<!-- one -->\n<uwsgi>\n<a/> <!-- behind -->\n<!-- <b/>\n two --><c/>\n</uwsgi>\n<!-- three -->';
    const { comments, pairs } = readXml(text, undefined);
    assert.deepEqual(comments, [
      { line: 2, text: 'one' },
      { line: 5, text: '<b/>\n two' },
      { line: 8, text: 'three' },
    ]);
    assert.deepEqual(
      pairs.map(({ key, line }) => [key, line]),
      [
        ['a', 4],
        ['c', 6],
      ],
    );
  });

  for (const { what, text, line } of [
    { what: 'another root', text: '\n<UWSGI/>', line: 2 },
    { what: 'a section deep inside', text: '<r><x><uwsgi/></x></r>', line: 1 },
    { what: 'elements that are not closed', text: '<uwsgi>\n<a>1</b>\n</uwsgi>', line: 2 },
    { what: 'text behind the end', text: '<uwsgi><a/></uwsgi>\njunk', line: 2 },
    { what: 'two roots', text: '<uwsgi/>\n<uwsgi/>', line: 2 },
    { what: 'an option inside an option', text: '<uwsgi>\n<a><b>1</b></a>\n</uwsgi>', line: 2 },
    { what: 'unknown entities', text: '<uwsgi>\n<a>&constructor;</a>\n</uwsgi>', line: 2 },
    { what: 'control characters', text: '<uwsgi>\n<a>\u0001</a>\n</uwsgi>', line: 2 },
    { what: 'control characters as numbers', text: '<uwsgi>\n<a>&#1;</a>\n</uwsgi>', line: 2 },
    { what: 'a declaration that is not first', text: '\n<?xml version="1.0"?><uwsgi/>', line: 2 },
    { what: 'an empty file', text: '', line: 1 },
    { what: 'entities that a DOCTYPE defines', text: '<!DOCTYPE u [<!ENTITY e "x">]>\n<uwsgi>\n<a>&e;</a></uwsgi>', line: 3 },
    { what: 'entities from other files', text: '<!DOCTYPE u [<!ENTITY e SYSTEM "/etc/passwd">]>\n<uwsgi><a>&e;</a></uwsgi>', line: 1 },
  ]) {
    test(`refuses ${what}`, () => {
      assert.throws(() => readXml(text, undefined), { constructor: SyntaxProblem, line });
    });
  }
});
