import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadOptions } from '../../../src/core/config/load.ts';
import { planTracing } from '../../../src/core/plan/tracing.ts';

const planned = (line: string, environment: Readonly<Record<string, string>> = {}) =>
  planTracing(loadOptions(line === '' ? [] : line.split(' '), {}).options, environment);
const urlOf = (line: string, environment: Readonly<Record<string, string>> = {}) => planned(line, environment)?.url;

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318' };

describe('spans', () => {
  test('are not made unless somebody asks for them', () => {
    assert.equal(planned(''), undefined);
    assert.equal(planned('--otlp-service-name shop --otlp-sampling-ratio 0.5'), undefined);
  });

  for (const { endpoint, url } of [
    { endpoint: 'http://collector:4318', url: 'http://collector:4318/v1/traces' },
    { endpoint: 'https://collector/', url: 'https://collector/v1/traces' },
    { endpoint: 'http://collector/below', url: 'http://collector/below/v1/traces' },
    { endpoint: 'http://collector:4318/v1/traces', url: 'http://collector:4318/v1/traces' },
  ]) {
    test(`go to ${url} with otlp-endpoint = ${endpoint}`, () => {
      assert.equal(urlOf(`--otlp-endpoint ${endpoint}`), url);
      assert.equal(urlOf('', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }), url);
    });
  }

  test('have what the options say of them', () => {
    assert.deepEqual(
      planned('--otlp-endpoint http://c --otlp-header a=b=c --otlp-header x=y --otlp-service-name shop --otlp-sampling-ratio 0.25'),
      { url: 'http://c/v1/traces', headers: { a: 'b=c', x: 'y' }, serviceName: 'shop', samplingRatio: 0.25 },
    );
  });

  test('leave the rest to OpenTelemetry, which reads the environment itself', () => {
    assert.deepEqual(planned('', { ...COLLECTOR, OTEL_SERVICE_NAME: 'shop' }), {
      url: 'http://env:4318/v1/traces',
      headers: {},
      serviceName: undefined,
      samplingRatio: undefined,
    });
  });

  test('go where the option says and not where the environment does', () => {
    assert.equal(urlOf('--otlp-endpoint http://c', COLLECTOR), 'http://c/v1/traces');
    assert.equal(urlOf('--otlp-endpoint none', COLLECTOR), undefined);
  });

  test('have an address of their own in the environment, which is taken as it is', () => {
    assert.equal(urlOf('', { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/spans' }), 'http://t/spans');
  });

  for (const { what, environment } of [
    { what: 'another exporter', environment: { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'console,zipkin' } },
    { what: 'OTLP over gRPC', environment: { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } },
    { what: 'OTLP over gRPC for spans', environment: { ...COLLECTOR, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' } },
    { what: 'an address without a scheme', environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' } },
    { what: 'an address that is empty', environment: { OTEL_EXPORTER_OTLP_ENDPOINT: '' } },
  ]) {
    test(`are none of ours where the environment has ${what}, which is for applications`, () => {
      assert.equal(urlOf('', environment), undefined);
    });
  }

  test('are sent where OTLP is one of several exporters, or has a protocol over HTTP', () => {
    assert.equal(urlOf('', { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'console, otlp' }), 'http://env:4318/v1/traces');
    assert.equal(urlOf('', { ...COLLECTOR, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }), 'http://env:4318/v1/traces');
  });

  test('are turned off by OTEL_SDK_DISABLED, whoever asked for them', () => {
    assert.equal(urlOf('--otlp-endpoint http://c', { OTEL_SDK_DISABLED: 'true' }), undefined);
    assert.equal(urlOf('--otlp-endpoint http://c', { OTEL_SDK_DISABLED: 'false' }), 'http://c/v1/traces');
  });

  for (const { line, expected } of [
    {
      line: '--otlp-endpoint collector:4318',
      expected: /"otlp-endpoint" takes an address such as http:\/\/collector:4318, or none, not "collector:4318"/,
    },
    { line: '--otlp-endpoint http://', expected: /"otlp-endpoint" takes an address/ },
    { line: '--otlp-sampling-ratio 10', expected: /"otlp-sampling-ratio" takes a number from 0 to 1, not "10"/ },
    { line: '--otlp-sampling-ratio 1e-3', expected: /a number from 0 to 1/ },
    { line: '--otlp-header token', expected: /"otlp-header" takes/ },
  ]) {
    test(`are refused with ${line}`, () => {
      assert.throws(() => planned(line), expected);
    });
  }
});
