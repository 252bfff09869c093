/** `npm run bench -- WORDS…`, the other benches and `npm run test:chaos -- WORDS…`: builds, then runs a TypeScript file; see there. */
import { prepare, run } from './prepare.js';

prepare();
process.exitCode = run(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)]);
