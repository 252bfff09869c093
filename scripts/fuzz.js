/**
 * `npm run fuzz -- [FACTOR] [SEED]`: the fuzzers that `npm test` runs for seconds, with so many times more runs (50) and a seed of today.
 * A failure prints the seed and the request it came down to, which then belongs into test/fixtures/requests.
 */
import { prepare, run } from './prepare.js';

const FILES = [
  'test/core/protocol/http/head-reader.test.ts',
  'test/core/protocol/fastcgi/pairs.test.ts',
  'test/core/protocol/fastcgi/records.test.ts',
  'test/core/protocol/scgi/request-reader.test.ts',
  'test/core/protocol/uwsgi/request-reader.test.ts',
  'test/core/protocol/proxy/header.test.ts',
  'test/e2e/fuzz.test.ts',
  'test/e2e/nginx-agreement.test.ts',
];
const PACKETS = ['-m', 'unittest', 'discover', '-s', 'test/python', '-t', 'test', '-p', 'test_packet_fuzz.py'];

const [factor = '50', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
const env = { ...process.env, FUZZ_FACTOR: factor, FUZZ_SEED: seed };
prepare();
console.log(`seed ${seed}`);
const statuses = [run(process.execPath, ['--import', 'tsx', '--test', ...FILES], env), run('/usr/bin/python3', PACKETS, env)];
process.exitCode = Math.max(...statuses);
