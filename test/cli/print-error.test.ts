import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatError } from '../../src/cli/print-error.ts';
import { UnknownOptionError } from '../../src/core/errors/options.ts';

test('an error is shown by its four fields, without a stack', () => {
  const error = new UnknownOptionError('proceses', { kind: 'file', path: '/srv/app.ini', line: 12 }, ['processes']);
  assert.equal(
    formatError(error),
    `tsuwsgi: /srv/app.ini:12: there is no option "proceses"
  Try this: write "processes"
  Code: TSU_UNKNOWN_OPTION
  Reference: docs/errors.md#tsu_unknown_option
`,
  );
});
