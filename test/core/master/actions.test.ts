import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { FIFO_ACTIONS, signalActions } from '../../../src/core/master/actions.ts';

test('SIGTERM stops after what is in flight, unless die-on-term is turned off', () => {
  assert.equal(signalActions(true).SIGTERM, 'stop-gracefully');
  assert.equal(signalActions(false).SIGTERM, 'reload');
});

test('SIGINT and SIGQUIT stop at once, SIGHUP reloads', () => {
  const { SIGINT, SIGQUIT, SIGHUP } = signalActions(true);
  assert.deepEqual([SIGINT, SIGQUIT, SIGHUP], ['stop-now', 'stop-now', 'reload']);
});

test('SIGUSR1, SIGUSR2 and SIGTSTP tell and pause', () => {
  const { SIGUSR1, SIGUSR2, SIGTSTP } = signalActions(true);
  assert.deepEqual([SIGUSR1, SIGUSR2, SIGTSTP], ['log-stats', 'log-stacks', 'toggle-pause']);
});

test('every character that uWSGI knows has a meaning or a reason', () => {
  assert.equal(Object.keys(FIFO_ACTIONS).sort().join(''), '+-BCELPQRSWcflpqrsw');
});

describe('docs/operating.md', () => {
  const page = readFileSync('docs/operating.md', 'utf8').replaceAll(/ +/g, ' ');
  for (const [signal, action] of Object.entries(signalActions(true))) {
    test(`tells what ${signal} does`, () => {
      assert.ok(page.includes(`| \`${signal}\` | ${action} |`), `| \`${signal}\` | ${action} |`);
    });
  }
  for (const [character, action] of Object.entries(FIFO_ACTIONS)) {
    test(`tells what "${character}" does`, () => {
      const row = `| \`${character}\` | ${typeof action === 'string' ? action : `nothing: ${action.without}`} |`;
      assert.ok(page.includes(row), row);
    });
  }
});
