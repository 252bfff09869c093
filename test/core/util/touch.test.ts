import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { TouchWatch } from '../../../src/core/util/touch.ts';

describe('a watched file', () => {
  let directory: string;
  let path: string;
  let touched: string[];
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    directory = mkdtempSync(join(tmpdir(), 'touch-'));
    path = join(directory, 'file');
    touched = [];
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(directory, { recursive: true });
  });

  /** What the watch has seen after the file was changed like this. */
  const seenAfter = (change: () => void): string[] => {
    const watch = new TouchWatch([path], (file) => touched.push(file));
    change();
    mock.timers.tick(1000);
    watch.stop();
    return touched;
  };

  test('that is touched is seen once', () => {
    writeFileSync(path, '');
    assert.deepEqual(
      seenAfter(() => utimesSync(path, 1_000_000, 1_000_000)),
      [path],
    );
  });

  test('that appears is seen', () => {
    assert.deepEqual(
      seenAfter(() => writeFileSync(path, '')),
      [path],
    );
  });

  test('that is removed is seen', () => {
    writeFileSync(path, '');
    assert.deepEqual(
      seenAfter(() => rmSync(path)),
      [path],
    );
  });

  test('that stays as it is is left in peace', () => {
    writeFileSync(path, '');
    assert.deepEqual(
      seenAfter(() => undefined),
      [],
    );
  });
});
