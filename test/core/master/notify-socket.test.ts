import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requestFromSystemd } from '../../../src/core/master/notify-socket.ts';

describe('what systemd asks for', () => {
  for (const { what, variables, asked } of [
    { what: 'nothing', variables: {}, asked: undefined },
    { what: 'to be told', variables: { NOTIFY_SOCKET: '/run/n' }, asked: { socket: '/run/n', watchdogMs: undefined } },
    {
      what: 'a sign of life',
      variables: { NOTIFY_SOCKET: '@n', WATCHDOG_USEC: '3000000' },
      asked: { socket: '@n', watchdogMs: 3000 },
    },
    {
      what: 'a sign of life of this process',
      variables: { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '77' },
      asked: { socket: '/run/n', watchdogMs: 3000 },
    },
    {
      what: 'a sign of life of another process',
      variables: { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '3000000', WATCHDOG_PID: '78' },
      asked: { socket: '/run/n', watchdogMs: undefined },
    },
    {
      what: 'an interval that is none',
      variables: { NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '0' },
      asked: { socket: '/run/n', watchdogMs: undefined },
    },
    { what: 'a socket that is none of its kinds', variables: { NOTIFY_SOCKET: 'vsock:2:1' }, asked: undefined },
  ]) {
    test(`${what}: it is taken out of the environment`, () => {
      const environment: NodeJS.ProcessEnv = { ...variables, PATH: '/bin' };
      const { socket, watchdogMs } = requestFromSystemd(environment, 77) ?? {};
      assert.deepEqual(socket === undefined ? undefined : { socket, watchdogMs }, asked);
      assert.deepEqual(environment, { PATH: '/bin' });
    });
  }

  test('the variables are kept for the daemon that is to do it', () => {
    const request = requestFromSystemd({ NOTIFY_SOCKET: '/run/n', WATCHDOG_USEC: '5' }, 77);
    assert.equal(request?.variables['NOTIFY_SOCKET'], '/run/n');
    assert.equal(request.variables['WATCHDOG_USEC'], '5');
  });
});
