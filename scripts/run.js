/** `npm run bench -- WORDS…` and `npm run test:chaos -- WORDS…`: builds, then runs a TypeScript file; see bench/main.ts and chaos/main.ts. */
import { prepare, run } from './prepare.js';

prepare();
process.exitCode = run(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)]);
