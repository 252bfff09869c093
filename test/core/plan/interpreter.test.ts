import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { chooseInterpreter, type InterpreterChoice } from '../../../src/core/plan/interpreter.ts';

describe('the interpreter', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'interpreter-'));
    mkdirSync(join(directory, 'bin'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const choose = (choice: Partial<InterpreterChoice>) =>
    chooseInterpreter({
      python: undefined,
      virtualenv: undefined,
      searchPath: join(directory, 'bin'),
      directory,
      start: directory,
      ...choice,
    });
  const program = (path: string, text: string) => {
    writeFileSync(join(directory, path), text);
    chmodSync(join(directory, path), 0o755);
    return join(directory, path);
  };
  const BINARY = '\x7fELF';

  test('is the python3 of PATH', () => {
    const path = program('bin/python3', BINARY);
    assert.equal(choose({}), path);
  });

  test("is the one behind a version manager's shim", () => {
    program('bin/python3', '#!/bin/sh\necho /opt/python/bin/python3.12\n');
    assert.equal(choose({}), '/opt/python/bin/python3.12');
  });

  test('is the one that `python` names, by path or in PATH', () => {
    const path = program('bin/python9', BINARY);
    assert.equal(choose({ python: 'python9' }), path);
    assert.equal(choose({ python: 'bin/python9' }), path);
  });

  test('is that of the virtualenv, whose packages no other one finds', () => {
    mkdirSync(join(directory, 'venv/bin'), { recursive: true });
    writeFileSync(join(directory, 'venv/pyvenv.cfg'), '');
    const real = program('real-python', BINARY);
    symlinkSync(real, join(directory, 'venv/bin/python3'));
    assert.equal(choose({ virtualenv: 'venv' }), join(directory, 'venv/bin/python3'));
    assert.equal(choose({ virtualenv: 'venv', python: 'real-python' }), join(directory, 'venv/bin/python3'));
  });

  test('that is missing is named with what to do', () => {
    assert.throws(() => choose({}), { code: 'TSU_INTERPRETER', message: `there is no "python3" in ${join(directory, 'bin')}` });
    assert.throws(() => choose({ python: '/no/python' }), { message: '/no/python is not a program that this user may run' });
  });

  test('that does not run is named', () => {
    const path = program('bin/python3', '#!/bin/sh\nexit 1\n');
    assert.throws(() => choose({}), { message: `${path} does not run as a Python interpreter` });
  });
});
