#!/usr/bin/env node
// The program as it is in src: builds what has changed, then runs it like bin/run.js.
import { build } from '../scripts/build.js';

const status = await build();
if (status !== 0) process.exit(status);
await import('./run.js');
