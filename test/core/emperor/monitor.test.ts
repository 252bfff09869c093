import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Look, monitorOf } from '../../../src/core/emperor/monitor.ts';
import { tempDir } from '../../helpers/temp.ts';

const LOOK: Look = { moreExtensions: [], watchesLinks: false, ownsLinks: false };

describe('a directory', () => {
  test('holds vassals that are called by their names and work in it', (t) => {
    const folder = tempDir(t, { 'b.ini': '', 'a.yml': '', '.c.ini': '', 'd.txt': '' });
    mkdirSync(join(folder, 'e.ini'));
    const { uid, gid, mtimeMs } = statSync(join(folder, 'a.yml'));
    const [first, second, ...others] = monitorOf('.', folder).look(LOOK);
    assert.deepEqual(
      { ...first, version: '' },
      {
        path: join(folder, 'a.yml'),
        id: 'a.yml',
        directory: folder,
        monitor: '.',
        version: '',
        modifiedAt: Math.floor(mtimeMs / 1000),
        owner: { uid, gid },
      },
    );
    assert.deepEqual([second?.id, others], ['b.ini', []]);
  });

  test('that is not there holds nothing, and what is no directory is told', (t) => {
    const folder = tempDir(t, { file: '' });
    assert.deepEqual(monitorOf('dir://later', folder).look(LOOK), []);
    assert.deepEqual(monitorOf('dir://later', folder).folders(), [join(folder, 'later')]);
    assert.throws(() => monitorOf('dir://file', folder).look(LOOK), { code: 'ENOTDIR' });
  });

  test('holds files of further extensions', (t) => {
    const folder = tempDir(t, { 'a.conf': '' });
    assert.deepEqual(
      monitorOf(folder, '/')
        .look({ ...LOOK, moreExtensions: ['.conf'] })
        .map(({ id }) => id),
      ['a.conf'],
    );
  });
});

describe('a pattern', () => {
  test('finds files that are called by their paths and work where the emperor does', (t) => {
    const folder = tempDir(t, { 'one/app.ini': '', 'two/app.ini': '', 'two/other.ini': '', 'three/app.txt': '' });
    for (const text of ['*/app.*', `glob://${folder}/*/app.*`]) {
      assert.deepEqual(
        monitorOf(text, folder)
          .look(LOOK)
          .map(({ id, directory }) => [id, directory]),
        [
          [join(folder, 'one/app.ini'), folder],
          [join(folder, 'two/app.ini'), folder],
        ],
        text,
      );
    }
  });

  test('may be the name of a file, which may go and come', (t) => {
    const folder = tempDir(t, { 'app.ini': '' });
    const monitor = monitorOf('app.ini', folder);
    assert.equal(monitor.look(LOOK).length, 1);
    rmSync(join(folder, 'app.ini'));
    assert.deepEqual(monitor.look(LOOK), []);
    assert.deepEqual(monitor.folders(), [folder]);
  });

  test('is watched in the folders of what it found, and in its own', (t) => {
    const folder = tempDir(t, { 'one/app.ini': '' });
    assert.deepEqual(monitorOf('*/app.ini', folder).folders(), [join(folder, 'one')]);
    assert.deepEqual(monitorOf('*.ini', folder).folders(), [folder]);
  });
});

test('a monitor that uWSGI has as a plugin is refused with a remedy', () => {
  assert.throws(() => monitorOf('mongodb://127.0.0.1/vassals', '/'), { code: 'TSU_PLAN', message: /no monitor "mongodb"/ });
});

describe('the version of a file', () => {
  const versionOf = (folder: string, look: Partial<Look> = {}): string =>
    monitorOf(folder, '/').look({ ...LOOK, ...look })[0]?.version ?? 'none';

  test('is another one after a touch, also back in time, and after another file took its place', (t) => {
    const folder = tempDir(t, { 'a.ini': '' });
    const path = join(folder, 'a.ini');
    const seen = [versionOf(folder)];
    utimesSync(path, 5, 5);
    seen.push(versionOf(folder));
    writeFileSync(`${path}.new`, '');
    utimesSync(`${path}.new`, 5, 5);
    renameSync(`${path}.new`, path);
    seen.push(versionOf(folder));
    assert.equal(new Set(seen).size, 3, seen.join(', '));
    assert.equal(versionOf(folder), seen[2]);
  });

  test('is that of the target of a symbolic link, or of the link', (t) => {
    const folder = tempDir(t, { 'target/a.ini': '' });
    symlinkSync(join(folder, 'target/a.ini'), join(folder, 'link.ini'));
    const before = [versionOf(folder), versionOf(folder, { watchesLinks: true })];
    utimesSync(join(folder, 'target/a.ini'), 5, 5);
    assert.notEqual(versionOf(folder), before[0]);
    assert.equal(versionOf(folder, { watchesLinks: true }), before[1]);
    assert.ok(before[1]?.includes(String(lstatSync(join(folder, 'link.ini')).ino)));
  });
});
