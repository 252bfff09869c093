import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseAddress } from '../../../src/core/options/address.ts';
import { bind } from '../../../src/core/listen/bind.ts';

describe('bind', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bind-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  const listening = async (where: { port: number; host: string } | { path: string }): Promise<Server> => {
    const server = createServer();
    server.listen(where);
    await once(server, 'listening');
    return server;
  };

  test('tells the port that the system chose', async () => {
    const { name, port } = await bind(parseAddress('127.0.0.1:0'));
    assert.ok(port !== undefined && port > 0);
    assert.equal(name, `127.0.0.1:${port}`);
  });

  test('takes IPv6 addresses in brackets', async () => {
    const { name, port } = await bind(parseAddress('[::1]:0'));
    assert.equal(name, `[::1]:${port}`);
  });

  test('does not accept: that is left to the child that is given the descriptor, however many come and go', async () => {
    const { fd, port } = await bind(parseAddress('127.0.0.1:0'));
    for (const greeting of ['first', 'second']) {
      const script = `require('net').createServer((c) => c.end('${greeting}')).listen({ fd: 3 }, () => process.stdout.write('listening'))`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit', fd] });
      if (child.stdout !== null) await once(child.stdout, 'data');
      const client = connect(port ?? 0, '127.0.0.1').setEncoding('utf8');
      assert.deepEqual(await once(client, 'data'), [greeting]);
      client.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  test('names a port that is in use and says what to do', async () => {
    const server = await listening({ port: 0, host: '127.0.0.1' });
    const { port } = server.address() as { port: number };
    await assert.rejects(bind(parseAddress(`127.0.0.1:${port}`)), {
      code: 'TSU_BIND',
      message: `cannot listen on 127.0.0.1:${port}: address already in use`,
      suggestions: ['stop the other server, or choose another address'],
    });
    server.close();
  });

  test('names a host that does not exist', async () => {
    await assert.rejects(bind(parseAddress('no-such-host.invalid:80')), {
      code: 'TSU_BIND',
      message: /there is no host "no-such-host.invalid"/,
    });
  });

  test('names an address that is not of this machine', async () => {
    await assert.rejects(bind(parseAddress('192.0.2.1:0')), { message: 'cannot listen on 192.0.2.1:0: address not available' });
  });

  test('replaces the file of a server that is gone', async () => {
    const path = join(directory, 'stale.sock');
    await bind(parseAddress(path));
    // Bound but nobody listens: as dead as a file that was left behind.
    assert.equal((await bind(parseAddress(path))).file?.path, path);
  });

  test('does not take the file of a server that answers', async () => {
    const path = join(directory, 'alive.sock');
    const server = await listening({ path });
    await assert.rejects(bind(parseAddress(path)), { code: 'TSU_BIND', message: /address already in use/ });
    server.close();
  });

  test('leaves a file alone that is no socket', async () => {
    const path = join(directory, 'precious');
    writeFileSync(path, 'text');
    await assert.rejects(bind(parseAddress(path)), { code: 'TSU_BIND' });
    assert.ok(existsSync(path));
  });

  test('refuses a directory that is not there', async () => {
    await assert.rejects(bind(parseAddress(join(directory, 'nowhere/app.sock'))), {
      code: 'TSU_BIND',
      message: /permission denied|no such file/,
    });
  });

  test('refuses a descriptor that is not open, or no socket', async () => {
    await assert.rejects(bind(parseAddress('fd://987')), { code: 'TSU_DESCRIPTOR', message: /descriptor 987 is not open/ });
    const file = openSync('/dev/null', 'r');
    await assert.rejects(bind(parseAddress(`fd://${file}`)), { message: new RegExp(`descriptor ${file} is not a socket`) });
    closeSync(file);
  });
});
