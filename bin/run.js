#!/usr/bin/env node
// CommonJS (package.json beside this), which Node starts sooner than a module.
const path = require('node:path');

const BUNDLE = path.join(__dirname, '../dist/bundle');
const { loadBundle } = /** @type {typeof import('../src/bundle.ts')} */ (require(path.join(BUNDLE, 'load.cjs')));
const { main } = /** @type {typeof import('../src/cli/main.ts')} */ (loadBundle(path.join(BUNDLE, 'main.cjs')));

void main(process.argv.slice(2));
