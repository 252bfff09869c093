/** Requests as an attacker writes them: right in nearly all, wrong where two readers may disagree. */
import fc from 'fast-check';
import { FCGI, fcgiBegin, fcgiPairs, fcgiRecord, fcgiVars } from './fastcgi.ts';
import { FLAG, FRAME, frame, greeting, requestFields } from './http2-frames.ts';
import { scgiHead } from './scgi.ts';

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'M-SEARCH', 'G\0T', 'GE T', ''];
const TARGETS = [
  '/',
  '/a?b',
  '/%41/../b',
  '//a',
  '/a%2f%2e',
  '/%zz',
  '/%00',
  '/a b',
  '/\x7f',
  'a',
  '',
  'http://b.example/x',
  'http://',
  `/${'x'.repeat(300)}`,
];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', ''];
const BREAKS = ['\n', '\r', '\r\r\n', '\0', ''];
const FIELDS = [
  'Host: a.example',
  'Host: b.example',
  'Content-Length: 5',
  'Content-Length: 6',
  'Content-Length: 0',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length:\t5 ',
  'Content-Length : 5',
  'Content_Length: 50',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked ',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer_Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive, Host',
  'Proxy: http://evil.example',
  'X-A: 1',
  'X-A: caf\xe9',
  'X-A:',
  'X-A: \x00',
  ' folded: 1',
  ': nameless',
  'no colon',
  `X-Long: ${'y'.repeat(500)}`,
];
const BODIES = [
  '',
  'hello',
  'hello!',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n',
  '0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  'fffffffffffff\r\nh',
  '5\nhello\n0\n\n',
];

/** A request line, fields and a body of known good and bad parts, with some bytes of it changed. */
export function hostileRequest(): fc.Arbitrary<Buffer> {
  const line = fc.tuple(mostly('GET', METHODS), mostly('/', TARGETS), mostly('HTTP/1.1', VERSIONS)).map((words) => words.join(' '));
  const fields = fc.array(fc.constantFrom(...FIELDS), { maxLength: 4 }).map((some) => ['Host: example.com', ...some]);
  const request = fc.tuple(line, mostlyKept(fields), mostly('\r\n', BREAKS), fc.constantFrom(...BODIES));
  const text = request.map(([first, rest, end, body]) => `${[first, ...rest].join('\r\n')}${end}\r\n${body}`);
  return changed(text.map((whole) => Buffer.from(whole, 'latin1')));
}

const LENGTHS = ['', '0', '5', '6', '-1', '+5', '5 ', '1e1', '99', '99999999999999999999'];

/** Records of FastCGI in an order that is mostly right, of requests that get into each other's way, with some bytes of them changed. */
export function hostileRecords(): fc.Arbitrary<Buffer> {
  const id = fc.constantFrom(1, 1, 1, 2, 0, 65_535);
  const begin = fc
    .tuple(id, mostly(1, [0, 2, 3, 65_535]), fc.boolean())
    .map(([nth, role, keepsConnection]) => fcgiBegin(nth, { role, keepsConnection }));
  const vars = fc
    .tuple(fc.constantFrom(...LENGTHS), fc.boolean())
    .map(([length, isLong]) => fcgiPairs(fcgiVars('/', { CONTENT_LENGTH: length }), isLong));
  const content = fc.oneof(fc.constant(Buffer.alloc(0)), vars, fc.constantFrom(Buffer.from('hello'), Buffer.alloc(2000, 'x')));
  const any = fc
    .tuple(fc.oneof(fc.constantFrom(...Object.values(FCGI)), fc.nat(255)), id, content, fc.nat(8))
    .map(([type, nth, bytes, padding]) => fcgiRecord(type, nth, bytes, padding));
  const whole = fc
    .tuple(id, vars, fc.constantFrom('', 'hello'))
    .map(([nth, params, body]) =>
      Buffer.concat([
        fcgiBegin(nth),
        fcgiRecord(FCGI.params, nth, params),
        fcgiRecord(FCGI.params, nth),
        ...(body === '' ? [] : [fcgiRecord(FCGI.stdin, nth, body)]),
        fcgiRecord(FCGI.stdin, nth),
      ]),
    );
  return changed(fc.array(fc.oneof(whole, begin, any), { minLength: 1, maxLength: 6 }).map((records) => Buffer.concat(records)));
}

/** A head of SCGI that is mostly right, and a body that may not be as long as it says, with some bytes of them changed. */
export function hostileScgi(): fc.Arbitrary<Buffer> {
  const more = fc.array(fc.constantFrom(['X', ''], ['', 'x'], ['SCGI', '2'], ['CONTENT_LENGTH', '5'], ['REQUEST_METHOD', 'POST']), {
    maxLength: 2,
  });
  const head = fc
    .tuple(fc.constantFrom(...LENGTHS), more)
    .map(([length, rest]) =>
      scgiHead([['CONTENT_LENGTH', length], ['SCGI', '1'], ...Object.entries(fcgiVars('/')), ...(rest as [string, string][])]),
    );
  return changed(fc.tuple(head, fc.constantFrom('', 'hello', 'hello!')).map(([bytes, body]) => Buffer.concat([bytes, Buffer.from(body)])));
}

/** Frames of HTTP/2 of all types, right ones and others, with some bytes of them changed. */
export function hostileFrames(): fc.Arbitrary<Buffer> {
  const content = fc.oneof(
    fc.constantFrom(
      requestFields(),
      requestFields('POST'),
      '',
      '\0\0\0\x08',
      '12345678',
      '\0\x04\0\0\0\0',
      '\0\0\0\x03\x10',
      '\xbe'.repeat(99),
    ),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  const any = fc
    .tuple(fc.nat(10), fc.constantFrom(1, 1, 3, 5, 0, 2, 2 ** 31 - 1), fc.constantFrom(0, 1, 4, 5, 8, 0x20, 0xff), content)
    .map(([type, stream, flags, text]) => frame(type, stream, { flags, content: text }));
  const whole = fc.constantFrom(1, 3, 5).map((stream) => frame(FRAME.headers, stream, { flags: FLAG.all, content: requestFields() }));
  const frames = fc.array(fc.oneof(any, whole), { minLength: 1, maxLength: 12 });
  return changed(frames.map((some) => Buffer.concat([greeting(), ...some])));
}

/** The same with some bytes changed. */
export function changed(whole: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc.tuple(whole, mutations()).map(([bytes, changes]) => changes.reduce(change, bytes));
}

interface Mutation {
  readonly what: 'put' | 'insert' | 'remove' | 'repeat' | 'cut';
  /** Where, as a part of the whole. */
  readonly at: number;
  readonly byte: number;
}

/** Changes of any bytes, wherever they fall: none at all in most cases. */
function mutations(): fc.Arbitrary<Mutation[]> {
  const mutation = fc.record({
    what: fc.constantFrom('put', 'insert', 'remove', 'repeat', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    byte: fc.oneof(fc.constantFrom(0, 9, 10, 11, 13, 32, 58, 59, 127, 133, 160), fc.nat(255)),
  } satisfies { [Key in keyof Mutation]: fc.Arbitrary<Mutation[Key]> });
  return fc.oneof({ weight: 2, arbitrary: fc.constant<Mutation[]>([]) }, fc.array(mutation, { maxLength: 3 }));
}

function change(bytes: Buffer, { what, at, byte }: Mutation): Buffer {
  const from = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
  switch (what) {
    case 'put':
      return Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.of(byte), after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(1)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, byte), after]);
    case 'cut':
      return before;
  }
}

function mostly<Value>(usual: Value, others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
}

/** Now and then without the first field, which is the Host. */
function mostlyKept(fields: fc.Arbitrary<string[]>): fc.Arbitrary<string[]> {
  return fc.tuple(fields, fc.nat(9)).map(([some, chance]) => (chance === 0 ? some.slice(1) : some));
}
