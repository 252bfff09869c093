import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCommand, parseHook, parseMasterHook, parseTouch } from '../../../src/core/options/hook.ts';
import { optionsOf } from '../../helpers/plan.ts';

describe('a hook', () => {
  for (const { text, words } of [
    { text: 'mkdir:/run/app', words: ['/run/app'] },
    { text: 'mkdir:one two', words: ['one two'] },
    { text: 'exec:echo "a  b" > f', words: ['echo "a  b" > f'] },
    { text: 'print: blank', words: [' blank'] },
    { text: 'write:f one  two', words: ['f', 'one  two'] },
    { text: 'write:"f one', words: ['"f', 'one'] },
    { text: 'chmod:f 0600', words: ['f', '0600'] },
    { text: 'chown:f nobody www-data', words: ['f', 'nobody', 'www-data'] },
    { text: 'exit:', words: [''] },
    { text: 'exit:33', words: ['33'] },
  ]) {
    test(`is cut as uWSGI cuts it: ${text}`, () => {
      assert.deepEqual(parseHook(text), { action: text.slice(0, text.indexOf(':')), words, text });
    });
  }

  for (const { text, expected } of [
    { text: 'noargs', expected: /one of the actions that tsuwsgi has, with a colon behind it: exec, safeexec, / },
    { text: 'mount:proc none /proc', expected: /one of the actions/ },
    { text: 'toString:x', expected: /one of the actions/ },
    { text: 'unix_signal:15 stats', expected: /one of the actions/ },
    { text: 'chmod:f', expected: /^chmod:PATH MODE$/ },
    { text: 'chmod:f 8', expected: /^chmod:PATH MODE$/ },
    { text: 'chmod:my file 600', expected: /^chmod:PATH MODE$/ },
    { text: 'chown:f nobody', expected: /^chown:PATH USER GROUP$/ },
    { text: 'chown2:f 1 nogroup', expected: /^chown2:PATH UID GID$/ },
    { text: 'write:f', expected: /^write:PATH TEXT$/ },
    { text: 'exit:soon', expected: /^exit:STATUS$/ },
  ]) {
    test(`that is none is refused with what there is: ${text}`, () => {
      assert.throws(() => parseHook(text), { name: 'RangeError', message: expected });
    });
  }

  test('that is unknown is an error that names its place and its action', () => {
    assert.throws(() => optionsOf('--hook-as-root umount:/x'), {
      code: 'TSU_INVALID_VALUE',
      message: /--hook-as-root.*not "umount:\/x"$/s,
    });
  });
});

describe('hook-master-start', () => {
  test('says what a signal does, as people stop uWSGI gracefully', () => {
    assert.deepEqual(parseMasterHook('unix_signal:15 gracefully_kill_them_all'), { signal: 'SIGTERM', order: 'stop-gracefully' });
  });

  test('takes any other hook, too', () => {
    assert.equal('action' in parseMasterHook('print:hello'), true);
  });

  for (const text of ['unix_signal:15', 'unix_signal:15 nosuch', 'unix_signal:SIGTERM stats', 'unix_signal:999 stats']) {
    test(`refuses ${text}`, () => {
      assert.throws(() => parseMasterHook(text), { name: 'RangeError', message: /unix_signal:NUMBER FUNCTION.*gracefully_kill_them_all/ });
    });
  }
});

describe('touch-exec and hook-touch', () => {
  test('are a path and what to do', () => {
    assert.deepEqual(parseTouch('/run/t echo a b', parseCommand), {
      path: '/run/t',
      hook: { action: 'exec', words: ['echo a b'], text: 'echo a b' },
    });
    assert.equal(parseTouch('/run/t unlink:f', parseHook).hook.action, 'unlink');
  });

  test('are refused without the one or the other', () => {
    assert.throws(() => parseTouch('/run/t', parseCommand), RangeError);
    assert.throws(() => parseTouch('/run/t nosuch:f', parseHook), RangeError);
  });

  test('turn the master on, the former only', () => {
    assert.equal(optionsOf(['--touch-exec', '/run/t echo']).master, true);
    assert.equal(optionsOf(['--hook-touch', '/run/t unlink:f']).master, false);
  });
});
