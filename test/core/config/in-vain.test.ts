import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../../../src/core/config/load.ts';
import { declarations, findByName, optionOf } from '../../../src/core/options/names.ts';

/** What is said of a command line. */
function warned(words: string, environment: NodeJS.ProcessEnv = {}): string[] {
  const { diagnostics } = readConfig(words.split(' '), environment);
  return diagnostics
    .filter(({ rule }) => rule === 'option-in-vain')
    .map(({ message, suggestions }) => [message, ...suggestions].join('; '));
}

describe('an option is in vain', () => {
  for (const { words, says } of [
    { words: '--stats-http', says: '"stats-http" does nothing without "stats"; add "stats = ADDRESS"; remove it' },
    { words: '--log-5xx', says: '"log-5xx" does nothing without "disable-logging"; add "disable-logging = true"; remove it' },
    {
      words: '--log-maxsize 1000000',
      says: '"log-maxsize" does nothing without "logto" or "logto2" or "daemonize" or "daemonize2" or "logger" or "req-logger"; add "logto = PATH"; remove it',
    },
    {
      words: '--rsyslog-packet-size 2000',
      says: '"rsyslog-packet-size" does nothing without "logger" or "req-logger"; add "logger = [NAME ]KIND:ARGUMENTS"; remove it',
    },
    {
      words: '--logformat %(uri) --log-micros',
      says: '"log-micros" does nothing beside "log-format"; write %(micros) there, which json has anyway; remove it',
    },
    {
      words: '--otlp-service-name shop',
      says: '"otlp-service-name" does nothing without "otlp-endpoint" or OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT; add "otlp-endpoint = URL"; remove it',
    },
  ]) {
    test(words, () => assert.deepEqual(warned(words), [says]));
  }
});

describe('an option is not', () => {
  for (const words of [
    '--stats-http --stats :1',
    '--stats-server :1 --stats-min',
    '--stats-http=false',
    '--log-slow 0',
    '--log-5xx -L',
    '--log-micros',
    '--log-format %(uri) --log-micros=0',
    '--log-maxsize 1000000 -d app.log',
    '--req-logger stdio --rsyslog-split-messages',
    '--otlp-endpoint none --otlp-service-name shop',
  ]) {
    test(`with ${words}`, () => assert.deepEqual(warned(words), []));
  }

  test('where a variable names what it needs', () => {
    assert.deepEqual(warned('--otlp-service-name shop', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }), []);
  });
});

test('what an option needs, or is overruled by, is an option', () => {
  for (const [name] of declarations()) {
    const { needs = [], overruled } = optionOf(name);
    for (const other of [...needs.filter((need) => !need.startsWith('$')), ...(overruled === undefined ? [] : [overruled.by])])
      assert.equal(findByName(other), other, name);
  }
});
