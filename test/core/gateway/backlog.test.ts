import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Backlog } from '../../../src/core/gateway/backlog.ts';
import { eventually } from '../../helpers/eventually.ts';
import { openFiles } from '../../helpers/processes.ts';
import { tempDir } from '../../helpers/temp.ts';
import { fakeStore } from './fake-store.ts';

const MEGABYTE = 1024 * 1024;

describe('what a client has not read', () => {
  test('comes to it in order, as it reads, and then the worker brings the rest itself', async (t) => {
    const { backlog, client, store } = begun(t);
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
    backlog.push(sent.subarray(0, 200_000));
    backlog.push(sent.subarray(200_000));
    await eventually('the client has all of it', () => client.heard.includes('caught up'));
    assert.ok(client.bytes.equals(sent));
    assert.equal(store.files, 0);
  });

  test('waits while the client does not read', async (t) => {
    const { backlog, client } = begun(t);
    backlog.pause();
    backlog.push(Buffer.from('later'));
    let isAll = false;
    backlog.end(() => (isAll = true));
    await eventually('it is written', () => client.written);
    assert.deepEqual([client.bytes.length, isAll], [0, false]);
    backlog.resume();
    await eventually('all of it is delivered', () => isAll);
    assert.equal(client.bytes.toString(), 'later');
    backlog.leave();
  });

  test('of a worker that has answered ends with the answer', async (t) => {
    const { backlog, client } = begun(t);
    backlog.push(Buffer.from('a'));
    backlog.push(Buffer.from('b'));
    await new Promise<void>((resolve) => backlog.end(resolve));
    assert.equal(client.bytes.toString(), 'ab');
    assert.ok(!client.heard.includes('caught up'));
    backlog.leave();
  });

  test('lets the worker go on until there is as much as there may be, and again when the client has caught up', async (t) => {
    const { backlog, client, feeder } = begun(t, { responseKept: MEGABYTE });
    backlog.pause();
    for (let nth = 0; nth < 4; nth++) {
      backlog.push(Buffer.alloc(MEGABYTE / 4));
      await eventually('it is written', () => client.written);
    }
    assert.equal(feeder.at(-1), 'waits');
    backlog.resume();
    await eventually('the client has all of it', () => client.heard.includes('caught up'));
    assert.equal(feeder.at(-1), 'goes on');
  });

  test('lets the worker wait for the disk', async (t) => {
    const { backlog, feeder } = begun(t);
    backlog.pause();
    backlog.push(Buffer.alloc(MEGABYTE));
    assert.deepEqual(feeder, ['waits']);
    await eventually('the disk has caught up', () => feeder.at(-1) === 'goes on');
    backlog.leave();
  });

  test('is forgotten at once with its client', async (t) => {
    const { backlog, client, feeder, store, directory } = begun(t, { responseKept: 10 });
    backlog.pause();
    backlog.push(Buffer.alloc(100));
    await eventually('it is written', () => client.written);
    assert.equal(openFiles(process.pid).filter((path) => path.startsWith(directory)).length, 1);
    backlog.leave();
    backlog.leave();
    assert.deepEqual([store.files, store.hasRoom(0), feeder], [0, true, ['waits', 'goes on']]);
    await eventually('its file is closed', () => !openFiles(process.pid).some((path) => path.startsWith(directory)));
    assert.deepEqual(client.heard, []);
  });

  test('that cannot be written comes from memory while the worker waits, and nothing is lost', async (t) => {
    const { backlog, client, feeder, told } = begun(t, { bodyDirectory: '/nowhere' });
    backlog.pause();
    backlog.push(Buffer.from('ab'));
    await eventually('it failed', () => feeder.at(-1) === 'waits');
    backlog.push(Buffer.from('cd'));
    backlog.resume();
    assert.equal(client.bytes.toString(), 'abcd');
    assert.deepEqual([client.heard, feeder.at(-1)], [['caught up'], 'goes on']);
    assert.match(told[0] ?? '', /^a response cannot be kept in \/nowhere \(ENOENT/);
  });
});

/** The backlog of a client, who reads at first, and whatever there is to be seen of it. */
function begun(t: TestContext, settings: Parameters<typeof fakeStore>[0] = {}) {
  const directory = tempDir(t);
  const { store, told } = fakeStore({ bodyDirectory: directory, ...settings });
  const feeder: string[] = [];
  const pieces: Buffer[] = [];
  const heard: string[] = [];
  const backlog = new Backlog(
    store,
    { pause: () => void feeder.push('waits'), resume: () => void feeder.push('goes on') },
    {
      // A copy, since the memory is the backlog's own.
      deliver: (bytes) => void pieces.push(Buffer.from(bytes)),
      caughtUp: () => void heard.push('caught up'),
      lost: (error) => void heard.push(error.message),
    },
  );
  t.after(() => backlog.leave());
  const client = {
    heard,
    get bytes() {
      return Buffer.concat(pieces);
    },
    get written() {
      return backlog.isWritten;
    },
  };
  return { backlog, client, feeder, store, told, directory };
}
