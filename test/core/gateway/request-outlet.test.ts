import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { requestOutlet } from '../../../src/core/gateway/request-outlet.ts';
import { tempDir } from '../../helpers/temp.ts';

function makePipe(t: TestContext) {
  const pipe = join(tempDir(t), 'request-log');
  execFileSync('mkfifo', [pipe]);
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  t.after(() => {
    closeSync(fd);
  });
  return {
    pipe,
    read: (): string => {
      const buffer = Buffer.alloc(100);
      return buffer.toString('utf8', 0, readSync(fd, buffer));
    },
  };
}

test('lines about requests go to the log or into the pipe, as is wanted at the time', (t) => {
  const { pipe, read } = makePipe(t);
  const logged: string[] = [];
  let isApart = false;
  const write = requestOutlet({
    pipe,
    isApart: () => isApart,
    log: (line) => logged.push(line),
    onDropped: () => assert.fail('nothing is dropped'),
  });
  write('one');
  isApart = true;
  write('two');
  isApart = false;
  write('three');
  assert.deepEqual([logged, read()], [['one', 'three'], 'two\n']);
});

test('a pipe that is full or not there is not waited for', (t) => {
  const { pipe, read } = makePipe(t);
  let dropped = 0;
  const ports = { isApart: () => true, log: () => assert.fail('it is for the pipe'), onDropped: (lines: number) => (dropped += lines) };
  const write = requestOutlet({ ...ports, pipe });
  for (let nth = 0; nth < 100; nth++) write('x'.repeat(4000));
  assert.match(read(), /^x+$/);
  assert.ok(dropped > 0);
  const before = dropped;
  requestOutlet({ ...ports, pipe: `${pipe}.missing` })('lost');
  assert.equal(dropped, before + 1);
});
