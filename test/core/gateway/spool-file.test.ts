import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { PieceMemory } from '../../../src/core/gateway/piece-memory.ts';
import { SpoolFile } from '../../../src/core/gateway/spool-file.ts';
import { eventually, within } from '../../helpers/eventually.ts';
import { openFiles } from '../../helpers/processes.ts';
import { tempDir } from '../../helpers/temp.ts';

const BLOCK = 4096;

describe('a spool file', () => {
  test('gives what was written to it, from anywhere', async (t) => {
    const { file, written } = spool(t);
    const pieces = Array.from({ length: 3000 }, (_, at) => Buffer.alloc(at % 100, at));
    for (const piece of pieces) file.append(piece);
    await written();
    const expected = Buffer.concat(pieces);
    assert.equal(file.pending, 0);
    assert.ok((await read(file, 0, expected.length)).equals(expected));
    assert.ok((await read(file, 1000, 10)).equals(expected.subarray(1000, 1010)));
    assert.equal((await read(file, expected.length - 5, 100)).length, 5);
  });

  test('can be read while more is being written', async (t) => {
    const { file, written } = spool(t);
    file.append(Buffer.alloc(20_000, 'a'));
    await written();
    const { size } = file;
    file.append(Buffer.alloc(1_000_000, 'b'));
    assert.ok((await read(file, 0, size)).equals(Buffer.alloc(size, 'a')));
    await eventually('all is written', () => file.pending === 0);
    assert.equal(file.size, 1_020_000);
    assert.equal(String(await read(file, 1_019_990, 100)), 'b'.repeat(10));
  });

  test('has no name, and is gone once it is closed', async (t) => {
    const { directory, file, written } = spool(t);
    file.append(Buffer.from('secret'));
    await written();
    assert.deepEqual(readdirSync(directory), []);
    assert.equal(openIn(directory).length, 1);
    file.close();
    file.close();
    await eventually('its descriptor is closed', () => openIn(directory).length === 0);
  });

  test('that is closed while something is under way says nothing more', async (t) => {
    const { directory, file, said } = spool(t);
    file.append(Buffer.alloc(1_000_000));
    file.close();
    await eventually('its descriptor is closed', () => openIn(directory).length === 0);
    assert.deepEqual(said, []);
  });

  test('tells once that it cannot be made', async (t) => {
    const { file, failed, said } = spool(t, 'missing');
    file.append(Buffer.from('a'));
    assert.equal((await failed()).code, 'ENOENT');
    file.append(Buffer.from('b'));
    assert.equal(String(Buffer.concat(file.takeUnwritten())), 'ab');
    file.close();
    assert.deepEqual(said, ['failed']);
  });
});

function spool(t: TestContext, below = '') {
  const directory = tempDir(t);
  const said: string[] = [];
  let hearWritten: () => void;
  let hearFailed: (error: NodeJS.ErrnoException) => void;
  const written = new Promise<void>((resolve) => (hearWritten = resolve));
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => (hearFailed = resolve));
  const file = new SpoolFile(join(directory, below), new PieceMemory(BLOCK), {
    written: () => {
      said.push('written');
      hearWritten();
    },
    failed: (error) => {
      said.push('failed');
      hearFailed(error);
    },
  });
  t.after(() => file.close());
  return {
    directory,
    file,
    said,
    written: () => within(5000, 'all is written', written),
    failed: () => within(5000, 'it fails', failed),
  };
}

function read(file: SpoolFile, position: number, size: number): Promise<Buffer> {
  return within(5000, 'a read', new Promise((resolve) => file.read(position, Buffer.alloc(size), resolve)));
}

/** What this process has open there. */
function openIn(directory: string): string[] {
  return openFiles(process.pid).filter((path) => path.startsWith(directory));
}
