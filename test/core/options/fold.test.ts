import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDiagnostic } from '../../../src/core/errors/diagnostic.ts';
import type { OptionEntry } from '../../../src/core/options/entry.ts';
import { Findings } from '../../../src/core/options/findings.ts';
import { fold } from '../../../src/core/options/fold.ts';
import type { Options } from '../../../src/core/options/registry.ts';

/** The lines of a config file, `name=text` each, folded. */
function read(...lines: string[]): { options: Options; warnings: string[] } {
  const findings = new Findings();
  const options = fold(lines.map(entry), findings);
  findings.throwProblems();
  return { options, warnings: findings.warnings.map(formatDiagnostic) };
}

function entry(line: string, index: number): OptionEntry {
  const [name = '', ...rest] = line.split('=');
  return { name, text: rest.join('='), origin: { kind: 'file', path: 'app.ini', line: index + 1 } };
}

describe('fold', () => {
  test('gives every option its default', () => {
    const { options } = read();
    assert.equal(options.processes, 1);
    assert.equal(options.minWorkerLifetime, 10);
    assert.equal(options.needApp, true);
    assert.equal(options.logto, undefined);
    assert.deepEqual(options.socket, []);
  });

  test('derives the type of a value from its declaration', () => {
    const { options } = read('max-requests=5000');
    const maxRequests: number = options.maxRequests;
    const virtualenv: string | undefined = options.virtualenv;
    assert.equal(maxRequests, 5000);
    assert.equal(virtualenv, undefined);
    // @ts-expect-error there is no such option
    assert.equal(options.maxRequest, undefined);
  });

  test('cannot be changed afterwards', () => {
    const { options } = read('touch-reload=a');
    assert.ok(Object.isFrozen(options));
    assert.ok(Object.isFrozen(options.touchReload));
  });

  test('lets the last value of an option win, under whatever name', () => {
    assert.equal(read('processes=2', 'workers=3').options.processes, 3);
  });

  test('adds up lists in order', () => {
    assert.deepEqual(read('pythonpath=/a', 'pp=/b', 'python-path=/c').options.pythonpath, ['/a', '/b', '/c']);
  });

  for (const { lines, master } of [
    { lines: ['stats=:9191'], master: true },
    { lines: ['touch-reload=a'], master: true },
    { lines: ['log-master=false'], master: true },
    { lines: ['stats=:9191', 'master=false'], master: false },
    { lines: ['master=false', 'stats=:9191'], master: false },
    { lines: ['cron=0 0 -1 -1 -1 true'], master: true },
    { lines: ['processes=4', 'no-option=4'], master: false },
  ]) {
    test(`${lines.join(', ')} ${master ? 'turns the master on' : 'leaves it without a master'}`, () => {
      assert.equal(read(...lines).options.master, master);
    });
  }

  for (const { text, value } of [
    ...['true', 'True', '1', 'yes', 'on', ''].map((text) => ({ text, value: true })),
    ...['false', 'FALSE', '0', 'no', 'off', 'Off'].map((text) => ({ text, value: false })),
  ]) {
    test(`reads the switch "${text}" as ${value}`, () => {
      assert.deepEqual(
        { value: read(`vacuum=${text}`).options.vacuum, warnings: read(`vacuum=${text}`).warnings },
        { value, warnings: [] },
      );
    });
  }

  test('takes any other word of a switch for true, as uWSGI does, and says so', () => {
    const { options, warnings } = read('vacuum=disabled');
    assert.equal(options.vacuum, true);
    assert.deepEqual(warnings, ['app.ini:1: "vacuum": "disabled" counts as true, as in uWSGI; write "true" or "false"']);
  });

  for (const { line, name, value } of [
    { line: 'limit-as=512', name: 'limitAs', value: 512 },
    { line: 'limit-as=512M', name: 'limitAs', value: 512 },
    { line: 'limit-as=2g', name: 'limitAs', value: 2048 },
    { line: 'limit-as=2048K', name: 'limitAs', value: 2 },
    { line: 'buffer-size=32768', name: 'bufferSize', value: 32768 },
    { line: 'buffer-size=32k', name: 'bufferSize', value: 32768 },
    { line: 'buffer-size=1M', name: 'bufferSize', value: 1048576 },
  ] as const) {
    test(`reads the size ${line}`, () => {
      assert.equal(read(line).options[name], value);
    });
  }

  test('takes whatever stands behind a word of the config language', () => {
    assert.deepEqual(read('endif', 'if-env=HOME', 'set=a=b').options.set, ['a=b']);
  });

  for (const { text, value } of [
    { text: '', value: 0o666 },
    { text: '1', value: 0o666 },
    { text: '660', value: 0o660 },
    { text: '0660', value: 0o660 },
  ]) {
    test(`reads chmod-socket "${text}" as ${value.toString(8)}`, () => {
      assert.equal(read(`chmod-socket=${text}`).options.chmodSocket, value);
    });
  }

  for (const { line, expected } of [
    { line: 'processes=many', expected: 'a whole number from 1, not "many"' },
    { line: 'processes=0', expected: 'a whole number from 1, not "0"' },
    { line: 'harakiri=3.5', expected: 'a whole number, not "3.5"' },
    { line: 'harakiri=-1', expected: 'a whole number, not "-1"' },
    { line: 'harakiri=0x10', expected: 'a whole number, not "0x10"' },
    { line: 'max-requests=99999999999', expected: 'a whole number, not "99999999999"' },
    { line: 'listen', expected: 'a whole number from 1, and none is given' },
    { line: 'limit-as=many', expected: 'a size in whole megabytes such as 512, 512M or 2G, not "many"' },
    { line: 'limit-as=512K', expected: 'a size in whole megabytes such as 512, 512M or 2G, not "512K"' },
    { line: 'limit-as=1.5G', expected: 'a size in whole megabytes such as 512, 512M or 2G, not "1.5G"' },
    { line: 'buffer-size=32KB', expected: 'a size in bytes such as 65536 or 64K, not "32KB"' },
    { line: 'buffer-size=0', expected: 'a size in bytes such as 65536 or 64K, not "0"' },
    { line: 'buffer-size=2G', expected: 'a size in bytes such as 65536 or 64K, not "2G"' },
    { line: 'chmod-socket=rw', expected: 'three octal digits such as 660, not "rw"' },
    { line: 'umask=22', expected: 'three octal digits such as 660, not "22"' },
    { line: 'env=LANG', expected: 'NAME=VALUE, not "LANG"' },
    { line: 'logto=', expected: 'a path, and none is given' },
    { line: 'http=localhost:eighty', expected: 'an address whose port is a number from 0 to 65535, not "localhost:eighty"' },
  ]) {
    test(`refuses ${line}`, () => {
      const name = line.split('=')[0] ?? '';
      assert.throws(() => read(line), { code: 'TSU_INVALID_VALUE', message: `app.ini:1: "${name}" takes ${expected}` });
    });
  }

  test('reports all bad values at once, each with its place', () => {
    assert.throws(() => read('processes=many', 'threads=2', 'harakiri=soon'), {
      code: 'TSU_SEVERAL_PROBLEMS',
      message: /app\.ini:1: "processes".*\n.*app\.ini:3: "harakiri"/,
    });
  });

  for (const { line, name, value } of [
    { line: 'vacuum=false # not yet', name: 'vacuum', value: false },
    { line: 'master=true ; always', name: 'master', value: true },
    { line: 'threads=3\t# each', name: 'threads', value: 3 },
    { line: 'chmod-socket=660 # nginx', name: 'chmodSocket', value: 0o660 },
  ] as const) {
    test(`reads ${JSON.stringify(line)} without the comment, with a warning`, () => {
      const { options, warnings } = read(line);
      assert.equal(options[name], value);
      assert.match(warnings.join(), /^app\.ini:1: ".*" is read as a comment.*give the comment a line of its own$/);
    });
  }

  test('keeps what looks like a comment in a value of several words', () => {
    assert.deepEqual(read('env=COLOR=red # blue').options.env, ['COLOR=red # blue']);
  });

  for (const { line, warning } of [
    { line: 'socket=80', warning: '"socket": "80" is a Unix socket of that name, as in uWSGI; write ":80" for the port' },
    { line: 'daemonize=true', warning: '"daemonize": the log goes to a file called "true"; write the path of a log file' },
    { line: 'plugins=python3,psgi', warning: '"plugins": there is no plugin "psgi"; the server goes on without it' },
  ]) {
    test(`warns of ${line}`, () => {
      assert.deepEqual(read(line).warnings, [`app.ini:1: ${warning}`]);
    });
  }

  test('says nothing of the plugins whose work is built in', () => {
    assert.deepEqual(read('plugins=python3, http', 'plugin=0:python', 'plugin=python311').warnings, []);
  });
});

describe('a token', () => {
  test('may come from a file, whose last line end is none of it', () => {
    assert.equal(read('stats-token=0123456789abcdef\n').options.statsToken, '0123456789abcdef');
  });

  for (const value of ['', 'short', 'sixteen letters or', '0123456789abcdé0', '0123456789abcdef\n0']) {
    test(`is not ${JSON.stringify(value)}`, () => assert.throws(() => read(`stats-token=${value}`), /16 or more characters/));
  }
});
