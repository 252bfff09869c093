import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { WireError } from '../../../src/core/errors/wire.ts';
import { buildFrame, FrameReader, stampFrame, type FrameHead } from '../../../src/core/wire/frames.ts';
import { marshalKey, MarshalWriter } from '../../../src/core/wire/marshal.ts';
import {
  decodeFile,
  decodeHello,
  decodeResponse,
  decodeReturned,
  decodeServiceTime,
  encodeCancel,
  encodeRequest,
  encodeRequestBodyHead,
  encodeSharedBody,
  encodeVerdict,
  encodeWelcome,
  environSize,
  hasWholeBody,
  KIND,
  REQUEST_FLAG,
  REQUEST_ROOM,
} from '../../../src/core/wire/messages.ts';

/** A file of test/fixtures/wire, which the Python side's tests read, too. */
interface Fixture {
  readonly hex: string;
  readonly frame: FrameHead;
  readonly environ?: Record<string, string>;
  readonly packetSize?: number;
  readonly body?: string;
  readonly slot?: object;
  readonly contentLength?: number;
  readonly serviceUs?: number;
  readonly head?: string;
  readonly position?: number;
  readonly size?: number;
  readonly device?: string;
  readonly inode?: string;
  readonly path?: string;
  readonly name?: string;
  readonly isTaken?: boolean;
  readonly pid?: number;
  readonly ids?: readonly number[];
}

describe('the gateway writes', () => {
  for (const name of ['request', 'request-with-body', 'request-whose-body-follows', 'request-with-odd-values']) {
    test(name, () => {
      const { hex, frame, environ = {}, body = '' } = fixture(name);
      const writer = new MarshalWriter(REQUEST_ROOM);
      writer.begin();
      for (const [key, value] of Object.entries(environ)) writer.text(marshalKey(key), value);
      const request = encodeRequest(writer, frame.flags, Buffer.from(body, 'latin1'));
      stampFrame(request, frame.id);
      assert.equal(request.toString('hex'), hex);
      assert.equal(hasWholeBody(request), (frame.flags & 1) === 1);
      assert.deepEqual(environSize(request), { pairs: frame.extra, packetSize: fixture(name).packetSize });
    });
  }

  test('request-whose-body-is-shared', () => {
    const { hex, frame, environ = {}, name = '', size = 0 } = fixture('request-whose-body-is-shared');
    const writer = new MarshalWriter(REQUEST_ROOM);
    writer.begin();
    for (const [key, value] of Object.entries(environ)) writer.text(marshalKey(key), value);
    const request = encodeRequest(writer, REQUEST_FLAG.complete | REQUEST_FLAG.shared, encodeSharedBody(name, size));
    stampFrame(request, frame.id);
    assert.equal(request.toString('hex'), hex);
    assert.ok(hasWholeBody(request));
  });

  for (const name of ['request-body', 'request-body-last']) {
    test(name, () => {
      const { hex, frame, body = '' } = fixture(name);
      const bytes = Buffer.from(body);
      assert.equal(Buffer.concat([encodeRequestBodyHead(frame.id, frame.flags, bytes.length), bytes]).toString('hex'), hex);
    });
  }

  for (const name of ['verdict-taken', 'verdict-refused']) {
    test(name, () => {
      const { hex, frame, isTaken = false } = fixture(name);
      assert.equal(encodeVerdict(frame.id, isTaken).toString('hex'), hex);
    });
  }

  test('welcome', () => {
    const { hex, pid = 0 } = fixture('welcome');
    assert.equal(encodeWelcome(pid).toString('hex'), hex);
  });

  test('cancel', () => {
    assert.equal(encodeCancel(7).toString('hex'), fixture('cancel').hex);
  });
});

describe('the gateway reads', () => {
  test('hello', () => {
    const { hex, slot } = fixture('hello');
    assert.deepEqual(decodeHello(frameOf(hex)), slot);
  });

  for (const name of ['response', 'response-without-length', 'response-of-many-bytes', 'response-aborted']) {
    test(name, () => {
      const expected = fixture(name);
      const frame = frameOf(expected.hex);
      const { bytes, headStart, bodyStart, bodyEnd, ...message } = decodeResponse(frame);
      assert.deepEqual(message, {
        status: expected.frame.extra,
        contentLength: expected.contentLength,
        isEnd: (expected.frame.flags & 1) !== 0,
        isAborted: (expected.frame.flags & 2) !== 0,
      });
      assert.equal(bytes.toString('latin1', headStart, bodyStart), expected.head);
      assert.equal(bytes.toString('latin1', bodyStart, bodyEnd), expected.body);
      assert.equal(decodeServiceTime(frame), expected.serviceUs);
    });
  }

  test('file', () => {
    const { hex, position, size, device = '', inode = '', path = '' } = fixture('file');
    const expected = { position, size, device: BigInt(device), inode: BigInt(inode), path: Buffer.from(path, 'latin1') };
    assert.deepEqual(decodeFile(frameOf(hex)), expected);
  });

  test('returned', () => {
    const { hex, ids } = fixture('returned');
    assert.deepEqual([...decodeReturned(frameOf(hex))], ids);
  });

  for (const name of ['end', 'end-aborted', 'end-given']) {
    test(name, () => {
      const { hex, serviceUs } = fixture(name);
      assert.equal(decodeServiceTime(frameOf(hex)), serviceUs);
    });
  }
});

describe('the gateway refuses', () => {
  const head = { id: 1, flags: 0, extra: 0 };
  for (const { what, kind, payload, decode } of [
    { what: 'a slot that does not say its name first', kind: KIND.end, payload: '', decode: decodeHello },
    { what: 'a name with something missing', kind: KIND.hello, payload: '{"seat":0}', decode: decodeHello },
    { what: 'a response that is cut off', kind: KIND.response, payload: '123', decode: decodeResponse },
    { what: 'a response head longer than its frame', kind: KIND.response, payload: '\xff'.repeat(16), decode: decodeResponse },
    { what: 'a file without a path', kind: KIND.file, payload: 'x'.repeat(32), decode: decodeFile },
    { what: 'a part of the id of a request', kind: KIND.returned, payload: '12345', decode: decodeReturned },
    { what: 'an end without a time', kind: KIND.end, payload: '', decode: decodeServiceTime },
  ]) {
    test(what, () => {
      const frame = frameOf(buildFrame({ ...head, kind }, Buffer.from(payload, 'latin1')).toString('hex'));
      assert.throws(() => decode(frame), WireError);
    });
  }
});

function fixture(name: string): Fixture {
  return JSON.parse(readFileSync(`test/fixtures/wire/${name}.json`, 'utf8')) as Fixture;
}

function frameOf(hex: string): FrameReader {
  const reader = new FrameReader();
  reader.push(Buffer.from(hex, 'hex'));
  assert.ok(reader.next());
  return reader;
}
