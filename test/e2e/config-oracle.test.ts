/** The config language beside the real uWSGI: both read the same files and must see the same options. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { readConfig } from '../../src/core/config/load.ts';
import { requires } from '../helpers/requirements.ts';
import { tempDir } from '../helpers/temp.ts';

const run = promisify(execFile);

/** What uWSGI must not inherit from whoever runs the tests, and what the files ask for. */
const ENVIRONMENT = { PATH: '/usr/bin:/bin', HOME: '/root', A: 'one', B: '', one: 'two', UWSGI_FROM_OUTSIDE: 'yes' };

/** `key = value` lines as uWSGI shows them; a clock that it does not know makes it leave before it starts anything. */
async function asUwsgi(folder: string, words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run('uwsgi', [...words, '--show-config', '--clock', 'nope'], {
    cwd: folder,
    env: ENVIRONMENT,
    timeout: 10_000,
  }).catch((error: unknown) => error as { stdout: string; stderr: string });
  const shown = /;uWSGI instance configuration\n\[uwsgi\]\n(.*?);end of configuration/s.exec(stdout + stderr)?.[1];
  assert.ok(shown !== undefined, `uWSGI shows its configuration: ${stdout}${stderr}`);
  return shown.replace(/show-config = true\nclock = nope\n$/, '');
}

/** The same of ours. */
function asOurs(folder: string, words: readonly string[]): string {
  const { entries, diagnostics } = readConfig(words, ENVIRONMENT, { directory: folder });
  const errors = diagnostics.filter(({ severity, rule }) => severity === 'error' && rule !== 'invalid-value');
  assert.deepEqual(errors, []);
  return entries.map(({ name, text, isBare }) => `${name} = ${isBare ? 'true' : text}\n`).join('');
}

/** Both run in a folder with these files; the paths in `words` are relative to it. */
async function compare(folder: string, words: readonly string[]): Promise<void> {
  const here = process.cwd();
  const wanted = await asUwsgi(folder, words);
  process.chdir(folder);
  try {
    assert.equal(asOurs(folder, words), wanted);
  } finally {
    process.chdir(here);
  }
}

const CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the environment': {
    'a.ini': '[uwsgi]\na = $(A)\nb = [$(B)]\nc = $(NOT_SET)\nd = $($(A))\ne = x$($(A))\nf = $(A\ng = $()\nh = $(A)$(A)\n',
  },
  'files in values': { 'a.ini': '[uwsgi]\na = @(text)\nb = -@(text)-\nc = @(exec://echo hi)\n', text: 'first\nsecond\n' },
  'keys in values': { 'a.ini': '[uwsgi]\nz = %(y)\na = x%(y)\ny = -%(q)\nq = 1\nr = %(nope)%(q)\ns = %( q )%( nope )\n' },
  arithmetic: {
    'a.ini':
      '[uwsgi]\np = 1234\na = %(p 1 + 2)\nb = %(p / 5)\nc = %(p ++)\nd = %(p --)\ne = %(base p)\nf = %(p / 0)\ng = %(p - 2000)\nh = %(p * p)\ni = %(p + )\nj = %(p   +   1)\n',
  },
  'blocks and includes': {
    'a.ini': '[uwsgi]\nfor = a b\nx = %(_)\ny = %(_)\nendfor =\nfor-times = 2\ninclude = e%(_).ini\nendfor\nlast = 1\n',
    'e1.ini': '[uwsgi]\nq = %s %x %n %e %o %c\n',
    'e2.ini': '[uwsgi]\nq = %S %O %N\n',
  },
  conditions: {
    'a.ini':
      '[uwsgi]\nif-not-env = Z=3\nx = a%(_)b\nendif\nif-env = A\ny = %(_)\nend-for\nif-env = A=two\nn = 1\nend\nif-exists = text\nw = %(_)\nendif\nif-not-exists = none\nv = %(_)\nendif\nif-opt = x\nu = %(_)\nendif\nif-dir = .\nt = 1\nendif\nif-file = .\ns = 1\nendif\nif-not-file = .\nr = %(_)\nendif\n',
    text: '',
  },
  'loops over files and lines': {
    'a.ini':
      '[uwsgi]\nfor-glob = *.txt\ng = %(_)\nendfor\nfor-glob = *.none\nh = %(_)\nendfor\nfor-readline = b.txt\nl = [%(_)]\nendfor\nfor =\nm = 1\nendfor\n',
    'b.txt': 'a b\n\n c\nlast',
    'a.txt': '',
  },
  'set, placeholders and declared options': {
    'a.ini': '[uwsgi]\nset = zz=%(a)\nset-placeholder = p=%(a)\nset-ph = o=1=2\na = 1\nb = %(p)%(o)\nc = x%(p)\nset = processes=3\n',
  },
  sections: { 'a.ini': '[uwsgi]\nini = :two\na = 1\n[two]\nb = %x\n[uwsgi]\nc = %x\n[two] \nd = 2\n' },
  'a magic line end': { 'a.ini': '[uwsgi]\na = 100%\nb = 1\nc = 5% of %% %q%(b)\n# half of it: 50%\nd = 4\ne = %v|%k|%h\n' },
  yaml: {
    'a.yaml':
      'uwsgi:\n  socket: /tmp/a\n  plugins: [a, b]\n  list:\n    - 1\n    - 2\n  nested: {x: 1, y: 2}\n  q: "two words "\n  yes: yes\n  n: 0x10\n',
  },
  json: {
    'a.json':
      '{"other": {"x": 1}, "uwsgi": {"a": true, "b": false, "c": null, "d": [1, "2", 3.50], "e": "%(a)", "a": "again", "f": {"g": 1}}}',
  },
  xml: { 'a.xml': '<uwsgi><a>1</a><b/><c></c><d> two </d><e>&lt;%(a)&gt;</e><!-- no --><f><![CDATA[<x>]]></f></uwsgi>' },
};

describe('files that real uWSGI reads the same', { skip: requires('uwsgi', 'uwsgi-plugin-python3') }, () => {
  for (const [what, files] of Object.entries(CASES)) {
    test(what, async (t) => {
      const folder = tempDir(t, files);
      const [name = ''] = Object.keys(files);
      await compare(folder, [`--${name.split('.')[1] ?? ''}`, name]);
    });
  }

  for (const words of [
    ['--set', 'a=%(b)', '--set', 'b=1', '--set-ph', 'c=x%(b)', '--set', 'd=x%(c)'],
    ['-M', '--set', 'a=%(master)', '--if-opt', 'master', '--set', 'b=1', '--endif', '--if-not-opt', 'nothing', '--set', 'c=2', '--endif'],
    ['--for', 'a b', '--set', 'x=%(_)', '--endfor', '-p', '4'],
  ]) {
    test(`the command line ${words.join(' ')}`, async (t) => {
      await compare(tempDir(t), words);
    });
  }

  test('files of random lines', async (t) => {
    const folder = tempDir(t);
    const piece = fc.constantFrom(
      'a',
      'b',
      '1',
      ' ',
      '%(a)',
      '%(b)',
      '%(a + 1)',
      '%(c c)',
      '$(A)',
      '$(NOT_SET)',
      '%%',
      '%x',
      '%(',
      ')',
      '=',
      ';',
      '#',
      '"',
      'é',
      '[',
      '-',
    );
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c', 'x', 'y'), fc.array(piece, { maxLength: 6 }))
        .map(([key, pieces]) => `${key} = ${pieces.join('')}`),
      fc.constantFrom(
        '',
        '# note',
        '; note',
        '  c  =  1  ',
        'bare',
        '[other]',
        '[uwsgi]',
        'if-env = A',
        'if-env = NOT_SET',
        'endif =',
        'for = p q',
      ),
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        // A block that stays open would swallow the options that make uWSGI show what it read.
        const text = ['[uwsgi]', ...lines, '[uwsgi]', 'end =', ''].join('\n');
        fc.pre(!isEndless(text) && !isNested(lines));
        count++;
        writeFileSync(join(folder, 'random.ini'), text);
        await compare(folder, ['--ini', 'random.ini']);
      }),
      { numRuns: 200, seed: 20260, maxSkipsPerRun: 1000 },
    );
    assert.ok(count > 0);
  });
});

/** A key that stands for itself, which real uWSGI works on until the memory is full. */
function isEndless(text: string): boolean {
  return /^[abc] = .*%\(/m.test(text);
}

/** Blocks in each other are errors in both. */
function isNested(lines: readonly string[]): boolean {
  return lines.filter((line) => /^(if|for)/.test(line)).length > 1;
}
