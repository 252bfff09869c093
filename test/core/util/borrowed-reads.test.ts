import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { borrowReads } from '../../../src/core/util/borrowed-reads.ts';
import { connectionPair } from '../../helpers/connection-pair.ts';
import { eventually, within } from '../../helpers/eventually.ts';

describe('a socket that is read into the memory of a lender', () => {
  test('gives what comes there, and nothing to those who listen to data', async (t) => {
    const { socket, client } = await connectionPair(t);
    const memory = Buffer.alloc(4);
    const taken: string[] = [];
    socket.on('data', () => assert.fail('it was told'));
    assert.ok(
      borrowReads(socket, {
        memory: () => memory,
        take(chunk) {
          assert.equal(chunk.buffer, memory.buffer);
          taken.push(String(chunk));
        },
      }),
    );
    client.end('abcdefghij');
    await within(5000, 'the end', once(socket, 'end'));
    assert.deepEqual(taken, ['abcd', 'efgh', 'ij']);
  });

  test('takes other memory when it is given other', async (t) => {
    const { socket, client } = await connectionPair(t);
    const given: Buffer[] = [];
    const taken: Buffer[] = [];
    borrowReads(socket, {
      memory() {
        const memory = Buffer.alloc(4);
        given.push(memory);
        return memory;
      },
      take: (chunk) => void taken.push(chunk),
    });
    socket.resume();
    client.end('abcdefgh');
    await within(5000, 'the end', once(socket, 'end'));
    assert.deepEqual(taken.map(String), ['abcd', 'efgh']);
    assert.deepEqual(
      taken.map(({ buffer }) => given.findIndex((memory) => memory.buffer === buffer)),
      [0, 1],
    );
  });

  test('is left alone while it is paused', async (t) => {
    const { socket, client } = await connectionPair(t);
    const taken: string[] = [];
    borrowReads(socket, {
      memory: () => Buffer.alloc(4),
      take(chunk) {
        taken.push(String(chunk));
        socket.pause();
      },
    });
    socket.resume();
    client.write('abcdefgh');
    await eventually('the first came', () => taken.length === 1);
    const other = await connectionPair(t);
    other.client.write('x');
    await within(5000, 'what was sent later to another one', once(other.socket, 'data'));
    assert.deepEqual(taken, ['abcd']);
    socket.resume();
    await eventually('the rest came', () => taken.length === 2);
  });

  test('is read as ever where it cannot be', async (t) => {
    assert.ok(!borrowReads(new Socket(), { memory: () => Buffer.alloc(4), take: () => assert.fail('it took') }), 'it is not connected');
    const { socket, client } = await connectionPair(t);
    client.write('abc');
    await within(5000, 'the bytes', once(socket, 'readable'));
    assert.ok(!borrowReads(socket, { memory: () => Buffer.alloc(4), take: () => assert.fail('it took') }), 'some of it was read before');
    assert.equal(String(socket.read()), 'abc');
  });
});
