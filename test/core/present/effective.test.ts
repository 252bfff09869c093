import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { join } from 'node:path';
import { readConfig } from '../../../src/core/config/load.ts';
import { effectiveOptions, effectiveTable } from '../../../src/core/present/effective.ts';
import { tempDir } from '../../helpers/temp.ts';

/** The options that these lines of a file and these words change. */
function changed(t: TestContext, lines: readonly string[], ...words: string[]) {
  const path = join(tempDir(t, { 'app.ini': ['[uwsgi]', ...lines].join('\n') }), 'app.ini');
  const reading = readConfig(['--ini', path, ...words], {});
  const byName = Object.fromEntries(effectiveOptions(reading, 'changed').map((option) => [option.name, option]));
  return { path, reading, byName };
}

describe('of each option that is not at its default', () => {
  test('the last of several values counts, whatever the name it was given under', (t) => {
    const { byName } = changed(t, ['workers = 2', 'processes = 3'], '-p', '4');
    assert.deepEqual(byName['processes'], { name: 'processes', value: 4, default: 1, origins: ['argument -p'] });
  });

  test('a list has all places that had a part in it', (t) => {
    const { byName, path } = changed(t, ['http = :8080', 'http = [::1]:8081']);
    assert.deepEqual(byName['http'], { name: 'http', value: [':8080', '[::1]:8081'], default: [], origins: [`${path}:2`, `${path}:3`] });
  });

  test('modes are octal, and what was never given is null', (t) => {
    const { byName } = changed(t, ['chmod-socket = 0660']);
    assert.equal(byName['chmod-socket']?.value, '660');
    assert.equal(byName['chmod-socket'].default, null);
  });

  test('a master that nobody named says who asked for it', (t) => {
    const { byName, path } = changed(t, ['touch-reload = /tmp/reload']);
    assert.deepEqual(byName['master']?.origins, [`implied by touch-reload, ${path}:2`]);
  });

  test('an address for spans brings all requests to the gateway, and says so', (t) => {
    const { byName, path } = changed(t, ['otlp-endpoint = http://collector:4318']);
    const { value, origins } = byName['direct-socket'] ?? {};
    assert.deepEqual([value, origins], [false, [`implied by otlp-endpoint, ${path}:2`]]);
    const { byName: none } = changed(t, ['otlp-endpoint = http://collector:4318', 'otlp-endpoint = none']);
    assert.equal(none['direct-socket'], undefined);
  });

  test('a value that is the default is no change', (t) => {
    const { byName } = changed(t, ['processes = 1']);
    assert.equal(byName['processes'], undefined);
  });
});

test('all options can be asked for', (t) => {
  const { reading } = changed(t, []);
  const names = effectiveOptions(reading, 'all').map(({ name }) => name);
  assert.ok(names.includes('processes') && names.includes('vacuum'));
});

test('the table says where each value was set', (t) => {
  const { reading, path } = changed(t, ['processes = 4']);
  const rows = effectiveTable(effectiveOptions(reading, 'changed'));
  assert.deepEqual(rows[0], ['option', 'value', 'default', 'set by']);
  assert.deepEqual(
    rows.find(([name]) => name === 'processes'),
    ['processes', '4', '1', `${path}:2`],
  );
});
