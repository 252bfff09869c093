import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { MimeTypes, readTable } from '../../../../src/core/gateway/files/mime-types.ts';
import { tempDir } from '../../../helpers/temp.ts';

const never = (line: string) => assert.fail(line);

test('a table has a type and its endings on each line, and the first line counts', () => {
  const types = new Map<string, string>();
  readTable('# comment\ntext/html\thtml htm # more\nempty/type\n\napplication/x  htm zip\n', types);
  assert.deepEqual([...types], [
    ['html', 'text/html'],
    ['htm', 'text/html'],
    ['zip', 'application/x'],
  ]); // prettier-ignore
});

test('the tables that are named are all that count', async (t) => {
  const dir = tempDir(t, { one: 'text/x-one one\n', two: 'text/x-two two one\n' });
  const types = new MimeTypes([join(dir, 'one'), join(dir, 'two')], never);
  assert.deepEqual(await Promise.all(['/a.one', '/a.two', '/a.html'].map((path) => types.typeOf(path))), [
    'text/x-one',
    'text/x-two',
    undefined,
  ]);
});

for (const { path, type } of [
  { path: '/site/a.css', type: 'text/css' },
  { path: '/site/a.js', type: 'text/javascript' },
  { path: '/site/A.CSS', type: 'text/css' },
  { path: '/site/a.tar.gz', type: 'application/gzip' },
  { path: '/site.css/noext', type: undefined },
  { path: '/site/.css', type: undefined },
  { path: '/site/a.', type: undefined },
  { path: '/site/a.constructor', type: undefined },
]) {
  test(`${path} is ${type ?? 'of no type'}, by whatever table the system has`, async () => {
    assert.equal(await new MimeTypes([], never).typeOf(path), type);
  });
}

test('a table that cannot be read is told of, and leaves files without a type', async () => {
  const lines: string[] = [];
  const types = new MimeTypes(['/nothing/mime.types'], (line) => lines.push(line));
  assert.equal(await types.typeOf('/a.css'), undefined);
  assert.match(lines.join(), /mimefile = \/nothing\/mime\.types: ENOENT/);
});

test('without any table of the system there is one built in', async () => {
  const types = new MimeTypes([], never, '/nothing/mime.types');
  assert.equal(await types.typeOf('/a.css'), 'text/css');
  assert.equal(await types.typeOf('/a.constructor'), undefined);
});
