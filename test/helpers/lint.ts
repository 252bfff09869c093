import { join } from 'node:path';
import { readConfig } from '../../src/core/config/load.ts';
import { lint } from '../../src/core/lint/lint.ts';
import type { LintSurroundings, VirtualenvState } from '../../src/core/lint/surroundings.ts';
import { formatOfSource } from '../../src/cli/config-file.ts';
import type { Scope } from './scope.ts';
import { tempDir } from './temp.ts';

/** A machine on which everything that a file may name is there, unless the test says otherwise. */
export interface Machine {
  /** These paths, and no others, are missing. */
  readonly missing?: RegExp;
  readonly somaxconn?: number;
  readonly isContainer?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
  /** Of every virtualenv. */
  readonly virtualenv?: VirtualenvState;
}

/** A config file by its name, which tells the format, and its text. */
export interface Written {
  readonly name: string;
  readonly text: string;
}

/** What lint says of this file, each finding as `line rule`. */
export function findingsIn(scope: Scope, { name, text }: Written, machine: Machine = {}): readonly string[] {
  const directory = tempDir(scope, { [name]: text });
  const words = [`--${formatOfSource(name)}`, join(directory, name)];
  const found = lint(readConfig(words, machine.environment ?? {}), surroundings(directory, machine));
  return found.map(({ origin, rule }) => `${origin.kind === 'file' ? String(origin.line) : origin.kind} ${rule}`);
}

function surroundings(
  directory: string,
  { missing, somaxconn = 4096, isContainer = false, environment = {}, virtualenv = {} }: Machine,
): LintSurroundings {
  return {
    environment,
    directory,
    kindOf: (path) => {
      if (missing?.test(path)) return undefined;
      return /\.(py|wsgi|crt|key)$/.test(path) ? 'file' : 'folder';
    },
    listenLimit: () => somaxconn,
    virtualenv: () => virtualenv,
    isForContainer: () => isContainer,
  };
}
