import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chalk } from 'chalk';
import { logPainter } from '../../src/cli/paint-log.ts';

const colours = new Chalk({ level: 1 });
const paint = logPainter(colours);

test('what is well and what is not is seen at a glance', () => {
  assert.equal(paint('ready: 2 workers'), colours.green.bold('ready: 2 workers'));
  assert.equal(paint('tsuwsgi 0.1.0 on Node 20.20.2 (pid 7)'), colours.bold('tsuwsgi 0.1.0 on Node 20.20.2 (pid 7)'));
  assert.equal(paint('http on 127.0.0.1:9090'), 'http on 127.0.0.1:9090');
  const date = 'Fri Nov  6 12:10:11 2026 - ';
  assert.equal(paint(`${date}worker 1 (pid 9) was killed`), `${colours.dim(date)}${colours.yellow('worker 1 (pid 9) was killed')}`);
  assert.equal(paint(`${date}paused`), `${colours.dim(date)}paused`);
});

test('lines about requests stay as they are, whatever they are about', () => {
  for (const line of ['[pid: 9|app: -1|req: -1/1] 127.0.0.1 () GET /killed => died', '{"uri":"/failed"}']) assert.equal(paint(line), line);
});
