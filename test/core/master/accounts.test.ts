import assert from 'node:assert/strict';
import test from 'node:test';
import { findAccounts } from '../../../src/core/master/accounts.ts';

test('names are looked up, numbers are taken as they are', () => {
  assert.deepEqual(findAccounts('root', 'root'), { uid: 0, gid: 0 });
  assert.deepEqual(findAccounts('1234', undefined), { uid: 1234, gid: undefined });
});

test('a name that does not exist is told with its kind', () => {
  assert.throws(() => findAccounts('no-such-user', undefined), {
    code: 'TSU_ACCOUNT',
    message: 'there is no user "no-such-user" on this system',
  });
  assert.throws(() => findAccounts(undefined, 'no-such-group'), { message: 'there is no group "no-such-group" on this system' });
});
