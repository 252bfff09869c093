import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KernelBacklog } from '../../../src/core/util/kernel-backlog.ts';
import { tempDir } from '../../helpers/temp.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A line of proc(5)'s table. */
function socket(state: string, waiting: string, inode: number): string {
  return `   0: 0100007F:1F90 00000000:0000 ${state} 00000000:${waiting} 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
}

test('is read from the table of the system by the inode of the socket, once a second', (t) => {
  const table = join(tempDir(t), 'tcp');
  const fd = openSync(join(tempDir(t), 'socket'), 'w');
  t.after(() => closeSync(fd));
  const { ino } = fstatSync(fd);
  const write = (waiting: string): void =>
    writeFileSync(table, HEAD + socket('0A', '00000001', ino + 1) + socket('01', '00000009', ino) + socket('0A', waiting, ino));
  const backlog = new KernelBacklog([table, join(tempDir(t), 'missing')]);
  write('0000001B');
  assert.equal(backlog.of(fd, 0), 27);
  write('00000002');
  assert.equal(backlog.of(fd, 999), 27);
  assert.equal(backlog.of(fd, 1000), 2);
});

test('is 0 for what is no TCP socket', () => {
  assert.equal(new KernelBacklog().of(2, 0), 0);
});
