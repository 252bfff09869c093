/** Colours are for people: on a terminal, and never against NO_COLOR. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { SERVER } from '../helpers/server.ts';
import { tempDir } from '../helpers/temp.ts';
import { terminalEnvironment } from '../helpers/terminal-environment.ts';

const ESCAPE = '\u001b[';
/** Runs a command on a terminal of its own and prints what came there. */
const ON_TERMINAL = `
import os, pty, sys
seen = b""
def read(fd):
    global seen
    data = os.read(fd, 65536)
    seen += data
    return b""
pty.spawn(sys.argv[1:], read, lambda fd: b"")
sys.stdout.buffer.write(seen)
`;

function output(words: readonly string[], { terminal = true, ...environment }: { terminal?: boolean; NO_COLOR?: string } = {}): string {
  const command = [...SERVER, ...words];
  const [program = '', ...rest] = terminal
    ? ['/usr/bin/python3', '-c', ON_TERMINAL, ...command]
    : ['sh', '-c', '"$@" 2>&1 || true', 'sh', ...command];
  const env = terminalEnvironment(environment);
  return execFileSync(program, rest, { encoding: 'utf8', env });
}

test('start-up lines and errors have colours on a terminal, and the same words without', (t) => {
  const cwd = tempDir(t, { 'app.py': 'def application(environ, start_response):\n    pass\n' });
  const start = ['--http-socket', '127.0.0.1:0', '--wsgi-file', `${cwd}/app.py`, '--hook-master-start', 'exit:0', '-M'];
  const coloured = output(start);
  assert.ok(coloured.includes(`${ESCAPE}1mtsuwsgi `), coloured);
  for (const plain of [output(start, { NO_COLOR: '1' }), output(start, { terminal: false })]) {
    assert.match(plain, /^tsuwsgi \d/m);
    assert.ok(!plain.includes(ESCAPE), plain);
  }
  assert.ok(output(['--nonsense']).includes(`${ESCAPE}31mtsuwsgi:`));
  assert.ok(!output(['--nonsense'], { NO_COLOR: '1' }).includes(ESCAPE));
});
