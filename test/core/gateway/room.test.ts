import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filesAllowed, Room, type Occupant } from '../../../src/core/gateway/room.ts';

const NOW = 1000;
/** With 100 descriptors half of them are room for connections: so many of the gateway's own there are. */
const FILES = 100;
const ROOM = 50;

describe('a gateway that has no room for more connections', () => {
  test('has everybody stay while there is room', () => {
    const { gone, come } = house();
    for (let nth = 0; nth < ROOM; nth++) come('idle');
    assert.deepEqual(gone(), []);
  });

  test('sends those away who have been idle for longest, a sixteenth of them at once', () => {
    const { gone, come } = house();
    come('idle', NOW + 2);
    come('busy', NOW);
    come('idle', NOW + 1);
    for (let nth = 3; nth <= ROOM; nth++) come('idle', NOW + 3);
    assert.deepEqual(gone(), [2, 0, 3, 4]);
  });

  test('sends nobody away who has said a part of a request while somebody is idle', () => {
    const { gone, come } = house();
    for (let nth = 0; nth < ROOM - 1; nth++) come('speaking', NOW);
    come('idle', NOW + 1);
    come('idle', NOW + 1);
    assert.deepEqual(gone(), [ROOM - 1]);
  });

  test('sends those away who do not go on with their request, if nobody is idle', () => {
    const { gone, come } = house();
    come('busy');
    for (let nth = 1; nth < ROOM; nth++) come('speaking');
    come('idle');
    assert.deepEqual(gone(), [1, 2, 3, 4]);
  });

  test('lets all requests run, and turns the newcomer away', () => {
    const { gone, come } = house();
    for (let nth = 0; nth < ROOM; nth++) come('busy');
    come('idle');
    assert.deepEqual(gone(), [ROOM]);
  });

  test('keeps no more than max-connections, which may change', () => {
    const { room, gone, come, lines } = house({ files: 1000, most: 2 });
    come('idle');
    come('busy');
    come('idle');
    assert.deepEqual(gone(), [0]);
    room.most = 0;
    for (let nth = 0; nth < 100; nth++) come('idle');
    assert.deepEqual(gone(), [0]);
    assert.deepEqual(lines, ['[gateway] connections closed to make room, silent ones first: 1 (max-connections is 2)']);
  });

  test('counts nobody who was sent away and has not closed yet', () => {
    const { gone, come } = house();
    for (let nth = 0; nth < ROOM + 4; nth++) come('idle');
    assert.equal(gone().length, 4);
    come('idle');
    assert.equal(gone().length, 8);
  });

  test('leaves more room for more workers', () => {
    const { gone, come } = house({ files: 1000, slots: 36 });
    for (let nth = 0; nth < 900; nth++) come('idle');
    assert.deepEqual(gone(), []);
    come('idle');
    assert.equal(gone().length, 57);
  });

  test('says so once, and after ten seconds how many more there were', () => {
    const { lines, come, room } = house();
    for (let nth = 0; nth < ROOM; nth++) come('busy');
    for (let nth = 0; nth < 3; nth++) come('idle');
    room.tell(NOW + 9_000);
    room.tell(NOW + 10_000);
    room.tell(NOW + 30_000);
    assert.deepEqual(lines, [
      '[gateway] connections closed to make room, silent ones first: 1 (ulimit -n is 100)',
      '[gateway] connections closed to make room, silent ones first: 2 (ulimit -n is 100)',
    ]);
  });
});

test('the number of descriptors is that of this process', () => {
  assert.ok(filesAllowed() > 0);
});

interface House {
  readonly room: Room;
  readonly lines: readonly string[];
  /** The numbers of those who were sent away, in order. */
  readonly gone: () => readonly number[];
  readonly come: (activity: Occupant['activity'], deadline?: number) => void;
}

function house({ files = FILES, slots = 0, most = 0 } = {}): House {
  const connections = new Set<Occupant>();
  const gone: number[] = [];
  const lines: string[] = [];
  const room = new Room(connections, { files, connections: most }, (line) => lines.push(line));
  let count = 0;
  return {
    room,
    lines,
    gone: () => gone,
    come: (activity, deadline = NOW) => {
      const number = count++;
      const connection = { activity, deadline, destroy: () => void gone.push(number) };
      connections.add(connection);
      room.take(connection, slots, NOW);
    },
  };
}
