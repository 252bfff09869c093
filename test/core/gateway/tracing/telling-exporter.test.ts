import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { TellingExporter } from '../../../../src/core/gateway/tracing/telling-exporter.ts';

/** An exporter whose answers are `results`, one after another, each a second after the other. */
function telling(url: string, results: readonly ExportResult[]) {
  const lines: string[] = [];
  const answers: ExportResult[] = [];
  const left = [...results];
  const inside: SpanExporter = {
    export: (_, done) => done(left.shift() ?? { code: ExportResultCode.SUCCESS }),
    shutdown: () => Promise.resolve(),
  };
  let now = 0;
  const exporter = new TellingExporter(inside, { url, log: (line) => void lines.push(line), now: () => now });
  const send = (spans: number, at: number): void => {
    now = at;
    exporter.export(
      Array.from({ length: spans }, () => ({}) as ReadableSpan),
      (answer) => answers.push(answer),
    );
  };
  return { lines, answers, send };
}

const failed = (error: Error): ExportResult => ({ code: ExportResultCode.FAILED, error });
const REFUSED = failed(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }));

test('spans that their collector did not take are told of at once, and then once a minute with all that were lost since', () => {
  const { lines, answers, send } = telling(
    'http://c:1/v1/traces',
    Array.from({ length: 4 }, () => REFUSED),
  );
  send(1, 0);
  send(5, 1000);
  send(5, 59_999);
  assert.deepEqual(lines, ['[gateway] tracing: spans that http://c:1/v1/traces did not take: 1; connect ECONNREFUSED 127.0.0.1:1']);
  send(2, 60_000);
  assert.match(lines[1] ?? '', /did not take: 12;/);
  // There is nobody else who could do anything about it.
  assert.deepEqual(
    answers.map(({ code }) => code),
    Array.from({ length: 4 }, () => ExportResultCode.SUCCESS),
  );
});

test('spans that were taken are not told of', () => {
  const { lines, send } = telling('http://c:1/', []);
  send(1, 0);
  assert.deepEqual(lines, []);
});

for (const { what, error, words } of [
  {
    what: 'an answer that is no success, by its number',
    error: Object.assign(new Error('Unauthorized'), { code: 401 }),
    words: '401 Unauthorized',
  },
  {
    what: 'a name with several addresses, none of which answers',
    error: new AggregateError([new Error('one'), new Error('two')]),
    words: 'one, two',
  },
]) {
  test(`it says what was wrong: ${what}`, () => {
    const { lines, send } = telling('http://c:4318/', [failed(error)]);
    send(1, 0);
    assert.equal(lines[0], `[gateway] tracing: spans that http://c:4318/ did not take: 1; ${words}`);
  });
}

test('the port for gRPC is named as what it is', () => {
  const { lines, send } = telling('http://c:4317/v1/traces', [REFUSED]);
  send(1, 0);
  assert.match(lines[0] ?? '', / \(4317 is the port for gRPC; OTLP over HTTP has 4318\)$/);
});
