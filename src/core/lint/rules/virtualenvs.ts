/** Virtual environments that are there and do not work; those that are not there are missed in files.ts. */
import type { Configuration } from '../configuration.ts';
import { about, type Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';
import type { VirtualenvState } from '../surroundings.ts';
import { isUnknowable, placesOf } from './files.ts';

export const virtualenvRules: readonly Rule[] = [
  {
    id: 'broken-virtualenv',
    severity: 'error',
    title: 'A virtualenv that does not work',
    why: 'It is no virtualenv, is for a Python older than 3.8, or the Python that it was made with is gone: the server does not start.',
    remedy: 'Make it anew with `python3 -m venv --clear`, or name another one.',
    check: (configuration) => findingsAbout(configuration, ({ fault }) => fault),
  },
  {
    id: 'virtualenv-version',
    severity: 'warning',
    title: 'A virtualenv with packages for another Python than its own',
    why: 'Its `bin/python3` leads to a Python that was replaced by a newer one, which does not look into the folder of the old version.',
    remedy: 'Make it anew with `python3 -m venv --clear`, and install its packages again.',
    check: (configuration) => findingsAbout(configuration, ({ mismatch }) => mismatch),
  },
];

/** About the virtualenv that counts, at the first place that it may mean. */
function findingsAbout(
  configuration: Configuration,
  ask: (state: VirtualenvState) => { readonly message: string; readonly suggestion: string | undefined } | undefined,
): readonly Finding[] {
  const entry = configuration.last('virtualenv');
  if (entry === undefined || isUnknowable(entry.text)) return [];
  const { kindOf, virtualenv } = configuration.surroundings;
  const place = placesOf(entry.text, configuration).find((path) => kindOf(path) === 'folder');
  const found = place === undefined ? undefined : ask(virtualenv(place));
  return found === undefined ? [] : [about(entry, found.message, found.suggestion)];
}
