/** Colours are for people: on a terminal, and never against NO_COLOR. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { PYTHON } from '../helpers/paths.ts';
import { SERVER } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { terminalEnvironment } from '../helpers/terminal-environment.ts';

const run = promisify(execFile);

const ESCAPE = '\u001b[';
/** Runs a command on a terminal of its own, on which nobody types, and prints what comes there. */
const ON_TERMINAL = 'import pty, sys; pty.spawn(sys.argv[1:], stdin_read=lambda fd: b"")';

async function output(
  words: readonly string[],
  { terminal = true, ...environment }: { terminal?: boolean; NO_COLOR?: string } = {},
): Promise<string> {
  const command = [...SERVER, ...words];
  const [program = '', ...rest] = terminal ? [PYTHON, '-c', ON_TERMINAL, ...command] : ['sh', '-c', '"$@" 2>&1 || true', 'sh', ...command];
  const running = run(program, rest, { env: terminalEnvironment(environment) });
  // Nobody types anything.
  running.child.stdin?.end();
  return (await running).stdout;
}

test('start-up lines and errors have colours on a terminal, and the same words without', async (t) => {
  const cwd = tempDir(t, { 'app.py': 'def application(environ, start_response):\n    pass\n' });
  const start = ['--http-socket', '127.0.0.1:0', '--wsgi-file', `${cwd}/app.py`, '--hook-master-start', 'exit:0', '-M'];
  const [coloured, ...plain] = await Promise.all([output(start), output(start, { NO_COLOR: '1' }), output(start, { terminal: false })]);
  assert.ok(coloured.includes(`${ESCAPE}1mtsuwsgi `), coloured);
  for (const text of plain) {
    assert.match(text, /^tsuwsgi \d/m);
    assert.ok(!text.includes(ESCAPE), text);
  }
  const [wrong, plainlyWrong] = await Promise.all([output(['--nonsense']), output(['--nonsense'], { NO_COLOR: '1' })]);
  assert.ok(wrong.includes(`${ESCAPE}31mtsuwsgi:`));
  assert.ok(!plainlyWrong.includes(ESCAPE));
});
