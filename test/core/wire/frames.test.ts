import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WireError } from '../../../src/core/errors/wire.ts';
import { buildFrame, FrameReader } from '../../../src/core/wire/frames.ts';

const FRAMES = [
  { head: { id: 1, kind: 17, flags: 1, extra: 200 }, payload: 'hello' },
  { head: { id: 0xffff_ffff, kind: 18, flags: 0, extra: 0xffff }, payload: '' },
  { head: { id: 2, kind: 19, flags: 2, extra: 0 }, payload: 'x'.repeat(100) },
];
const STREAM = Buffer.concat(FRAMES.map(({ head, payload }) => buildFrame(head, Buffer.from(payload))));

describe('FrameReader', () => {
  test('reads the same frames wherever the stream is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      assert.deepEqual(readAll([STREAM.subarray(0, cut), STREAM.subarray(cut)]), FRAMES, `cut after ${String(cut)} bytes`);
    }
  });

  test('reads frames that come byte by byte', () => {
    assert.deepEqual(readAll(Array.from(STREAM, (byte) => Buffer.of(byte))), FRAMES);
  });

  test('gives frames of one kind in parts, wherever the stream is cut', () => {
    const stream = Buffer.concat([STREAM, buildFrame({ id: 2, kind: 18, flags: 0, extra: 0 }, Buffer.from('a body')), STREAM]);
    const whole = mergeParts(readAll([stream]));
    for (let cut = 0; cut <= stream.length; cut++) {
      const found = readAll([stream.subarray(0, cut), stream.subarray(cut)], 18);
      assert.deepEqual(mergeParts(found), whole, `cut after ${String(cut)} bytes`);
    }
    const bytewise = readAll(
      Array.from(stream, (byte) => Buffer.of(byte)),
      18,
    );
    assert.deepEqual(mergeParts(bytewise), whole);
    assert.equal(bytewise.length, whole.length + 'a body'.length - 1);
  });

  test('needs no chunk any more once the next one comes', () => {
    const memory = Buffer.alloc(STREAM.length);
    const reader = new FrameReader();
    const found: string[] = [];
    for (let at = 0; at < STREAM.length; at += 5) {
      const piece = STREAM.subarray(at, at + 5);
      memory.fill('!').set(piece);
      reader.push(memory.subarray(0, piece.length));
      while (reader.next()) found.push(reader.bytes.toString('latin1', reader.start, reader.end));
    }
    assert.deepEqual(
      found,
      FRAMES.map(({ payload }) => payload),
    );
  });

  test('refuses a frame that is too large before its payload arrives', () => {
    const reader = new FrameReader(4);
    reader.push(STREAM.subarray(0, 12));
    assert.throws(() => reader.next(), { constructor: WireError, message: "a worker's frame of 5 bytes; 4 are allowed" });
  });
});

type Found = ReturnType<typeof readAll>[number];

/** Without the cuts between the parts of a frame. */
function mergeParts(found: readonly Found[]): readonly Found[] {
  const merged: Found[] = [];
  for (const part of found) {
    const last = merged.at(-1);
    if (last?.head.kind === 18 && part.head.kind === 18 && last.head.id === part.head.id) last.payload += part.payload;
    else merged.push({ ...part });
  }
  return merged;
}

function readAll(chunks: readonly Buffer[], inParts?: number) {
  const reader = new FrameReader(undefined, inParts);
  const found = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    while (reader.next()) {
      const { id, kind, flags, extra } = reader;
      found.push({ head: { id, kind, flags, extra }, payload: reader.bytes.toString('latin1', reader.start, reader.end) });
    }
  }
  return found;
}
