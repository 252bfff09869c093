#!/usr/bin/env node
// Writes the files that are derived from the sources. With --check it writes nothing, and fails when one is out of date.
import { Plugin } from '@oclif/core';
import { settings } from '@oclif/core/settings';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { build } from './build.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ERRORS = join(ROOT, 'src/core/errors');

const status = await build();
if (status !== 0) process.exit(status);

const files = {
  'oclif.manifest.json': await manifest(),
  'docs/options.md': await optionsPage(),
  'docs/errors.md': errorsPage(),
  'docs/lint.md': await lintPage(),
};
if (process.argv.includes('--check')) check(files);
else for (const [file, text] of Object.entries(files)) writeFileSync(join(ROOT, file), text);

/** @param {Record<string, string>} wanted */
function check(wanted) {
  const stale = Object.entries(wanted).filter(([file, text]) => read(join(ROOT, file)) !== text);
  for (const [file] of stale) console.error(`${file} is out of date: run "npm run generate"`);
  process.exitCode = stale.length === 0 ? 0 : 1;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A file that is missing is out of date.
    return undefined;
  }
}

/** What `oclif manifest` writes, through the same call, without starting a second program. */
async function manifest() {
  // The commands as they were built: no looking for TypeScript sources.
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
  await plugin.load();
  // oclif lists the commands as it finds them in the folder, in the order of the file system.
  const commands = Object.fromEntries(Object.entries(plugin.manifest.commands).sort(([one], [other]) => (one < other ? -1 : 1)));
  return `${JSON.stringify({ ...plugin.manifest, commands }, null, 2)}\n`;
}

/** @returns {Promise<string>} */
async function optionsPage() {
  // Imported late: it may have been built only now.
  const page = await import('../dist/core/options/docs.js');
  return page.optionsPage();
}

/** @returns {Promise<string>} */
async function lintPage() {
  const page = await import('../dist/core/lint/docs.js');
  return page.lintPage();
}

/** Each class that has a code, with the comment that stands above it. */
function errorsPage() {
  const errors = readdirSync(ERRORS)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => errorClasses(join(ERRORS, file)))
    .sort((one, other) => (one.code < other.code ? -1 : 1));
  return `<!-- Generated from src/core/errors by "npm run generate"; change the comments there, not this page. -->

# Errors

Every error that is shown on the terminal has a code, which never changes its meaning. The exit status is 1 where none is named.

${errors.map(({ code, about, exitStatus }) => `## ${code}\n\n${about}${exitStatus === undefined ? '' : ` Exit status: ${exitStatus}.`}\n`).join('\n')}`;
}

/**
 * @param {string} path
 * @returns {{ code: string, about: string, exitStatus: string | undefined }[]}
 */
function errorClasses(path) {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((declared) => {
    const code = initialValue(declared, 'code');
    return code === undefined ? [] : [{ code, about: commentOf(declared), exitStatus: initialValue(declared, 'exitStatus') }];
  });
}

/**
 * The value that a class gives a property where it declares it.
 *
 * @param {ts.ClassDeclaration} declared
 * @param {string} name
 */
function initialValue(declared, name) {
  const member = declared.members.filter(ts.isPropertyDeclaration).find((property) => property.name.getText() === name);
  const value = member?.initializer;
  return value && ts.isLiteralExpression(value) ? value.text : undefined;
}

/** @param {ts.ClassDeclaration} declared */
function commentOf(declared) {
  const text = ts.getJSDocCommentsAndTags(declared).flatMap((doc) => ts.getTextOfJSDocComment(doc.comment) ?? []);
  return text.join(' ').replaceAll(/\s+/g, ' ');
}
