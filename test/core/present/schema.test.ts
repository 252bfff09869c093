import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { configSchema } from '../../../src/core/present/schema.ts';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(configSchema());

describe('the schema accepts', () => {
  for (const [what, uwsgi] of Object.entries({
    'flags as truths and as words': { master: true, vacuum: 'false', 'need-app': 'off' },
    'numbers as numbers and as text': { processes: 4, threads: '2' },
    'another name of an option': { workers: 4, venv: '/srv/env' },
    'a list where an option may be repeated': { env: ['A=1', 'B=2'], socket: ['127.0.0.1:3031', '/run/app.sock'] },
    'a single value there as well': { env: 'A=1' },
    'a size with a suffix': { 'buffer-size': '64K', 'limit-as': '1G' },
    'a mode': { 'chmod-socket': '660' },
    'a mode that JSON takes for a number': { 'chmod-socket': 660 },
    'placeholders in the place of numbers': { processes: '%k', threads: '$(THREADS)', harakiri: '%(base / 2)', listen: '@(backlog)' },
    'options of uWSGI that are passed over': { prio: -5, 'route-run': ['log:a', 'log:b'] },
    'keys that are placeholders': { base: '/srv/app', chdir: '%(base)/src', instances: 3 },
  })) {
    test(what, () => {
      assert.ok(validate({ uwsgi }), JSON.stringify(validate.errors));
    });
  }

  test('other sections beside', () => {
    assert.ok(validate({ uwsgi: { ini: 'app.ini' }, other: { processes: 2 } }));
  });
});

describe('the schema refuses', () => {
  for (const [what, uwsgi] of Object.entries({
    'a number that is none': { processes: 'many' },
    'a negative number': { processes: -1 },
    'a broken number': { threads: 1.5 },
    'a list where one value counts': { processes: [1, 2] },
    'an object in the place of a value': { http: { port: 80 } },
    'a variable without a value': { env: ['A'] },
    'a mode of four digits': { 'chmod-socket': '6600' },
    'a size with another suffix': { 'buffer-size': '64Q' },
  })) {
    test(what, () => {
      assert.equal(validate({ uwsgi }), false);
    });
  }

  test('a document without the section', () => {
    assert.equal(validate({ master: true }), false);
  });
});

interface Described {
  readonly description: string;
  readonly default?: unknown;
  readonly deprecated?: boolean;
}

test('every name of an option is described', () => {
  const { $defs } = configSchema() as { $defs: { section: { properties: Record<string, Described> } } };
  const { processes, workers, psgi } = $defs.section.properties;
  assert.match(processes?.description ?? '', /workers/);
  assert.equal(processes?.default, 1);
  assert.match(workers?.description ?? '', /^Another name of "processes"/);
  assert.match(psgi?.description ?? '', /Not supported by tsuwsgi\./);
  assert.equal(psgi?.deprecated, true);
});
