#!/usr/bin/env node
// The program as it is in src: builds what has changed, then runs it like bin/run.js.
void import('../scripts/build.js').then(async ({ build }) => {
  const status = await build();
  if (status !== 0) process.exit(status);
  require('./run.js');
});
