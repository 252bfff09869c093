import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type SharedBody, SharedBodies } from '../../../src/core/gateway/shared-bodies.ts';
import { onEnd, type Scope } from '../../helpers/scope.ts';
import { memoryDir, tempDir } from '../../helpers/temp.ts';

const SIZE = 500_000;
const MOST = 16;

describe('memory for bodies that workers read', () => {
  test('holds what was written to it, and tells where that is', (t) => {
    const { bodies, directory } = shared(t);
    const body = taken(bodies);
    body.write(Buffer.from('hello '), 0);
    body.write(Buffer.from('world'), 6);
    assert.equal(String(body.read(11)), 'hello world');
    const reference = body.reference(11);
    assert.equal(reference.readUInt32LE(0), 11);
    assert.equal(readFileSync(join(directory, reference.toString('latin1', 4)), 'latin1'), 'hello world');
  });

  test('is used again once nobody has it', (t) => {
    const { bodies } = shared(t);
    const body = taken(bodies);
    body.hold();
    body.letGo('done');
    assert.notEqual(taken(bodies), body, 'its client still has it');
    body.letGo('done');
    assert.equal(taken(bodies), body);
  });

  test('is never used again where a worker may still read it', (t) => {
    const { bodies, directory } = shared(t);
    const body = taken(bodies);
    body.write(Buffer.from('secret'), 0);
    body.hold();
    body.letGo('unknown');
    assert.equal(String(body.read(6)), 'secret', 'another worker can still get it');
    body.hold();
    body.letGo('done');
    body.letGo('done');
    assert.notEqual(taken(bodies), body);
    assert.equal(readdirSync(directory).length, 1);
  });

  test('has a bound', (t) => {
    const { bodies } = shared(t);
    assert.equal(bodies.take(2_000_000), undefined);
    const all = Array.from({ length: MOST }, () => taken(bodies));
    assert.equal(bodies.take(SIZE), undefined);
    all[3]?.letGo('done');
    assert.equal(bodies.take(SIZE), all[3]);
  });

  test('goes to nobody when it is spare for long', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const { bodies, directory } = shared(t);
    const [first, second] = [taken(bodies), taken(bodies)];
    first.letGo('done');
    second.letGo('done');
    t.mock.timers.tick(10_000);
    taken(bodies).letGo('done');
    t.mock.timers.tick(10_000);
    assert.equal(readdirSync(directory).length, 1, 'one was needed since');
    t.mock.timers.tick(10_000);
    assert.deepEqual(readdirSync(directory), []);
    assert.ok(taken(bodies));
  });

  test('is on no disk, and nowhere where there is no folder for it', (t) => {
    assert.equal(new SharedBodies(tempDir(t), 1).take(SIZE), undefined);
    assert.equal(new SharedBodies('/nowhere', 1).take(SIZE), undefined);
  });

  test('of a gateway that was killed is gone when the next one begins', (t) => {
    const directory = memoryDir(t);
    for (const name of ['1-7-1', '1-7-16', '11-7-1']) writeFileSync(join(directory, name), 'left');
    new SharedBodies(directory, 1);
    assert.deepEqual(readdirSync(directory), ['11-7-1'], 'another gateway is another one');
  });

  test('has no name that another process gave', (t) => {
    const { bodies } = shared(t);
    assert.match(taken(bodies).reference(1).toString('latin1', 4), new RegExp(`^1-${process.pid}-\\d+$`));
  });
});

function shared(t: Scope) {
  const directory = memoryDir(t);
  const bodies = new SharedBodies(directory, 1);
  onEnd(t, () => bodies.close());
  return { bodies, directory };
}

function taken(bodies: SharedBodies): SharedBody {
  const body = bodies.take(SIZE);
  assert.ok(body);
  return body;
}
