import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyStatsDocument, WorkerStats } from '../../src/core/stats/document.ts';
import { receiveDocument } from '../../src/core/stats/received-document.ts';
import type { Line } from '../../src/top/line.ts';
import type { Sample } from '../../src/top/sample.ts';
import { FIXTURES } from './paths.ts';

/** What uWSGI 2.0.21 told, three seconds apart: two applications, a path with an escape sequence, quotes and three bytes of UTF-8. */
export function documentOfUwsgi(which: 'one' | 'two'): AnyStatsDocument {
  return receiveDocument(readFileSync(join(FIXTURES, `stats/uwsgi-${which}.txt`), 'utf8'));
}

type Changes<Whole> = { readonly [Key in keyof Whole]?: unknown };

/** A document with these keys and the others at nothing. */
export function documentWith(keys: Changes<AnyStatsDocument> = {}): AnyStatsDocument {
  return receiveDocument(JSON.stringify({ version: '0.1.0', pid: 100, workers: [], ...keys }));
}

export function workerWith(id: number, keys: Changes<WorkerStats> = {}): Changes<WorkerStats> {
  return { id, pid: 1000 + id, status: 'idle', ...keys };
}

/** On a day at 14:03:22 of wherever this is run, and so many seconds later. */
export function sampleOf(document: AnyStatsDocument, at = 0): Sample {
  return { document, at, epoch: EPOCH + at };
}

/** Of 14:03:22. */
export const EPOCH = new Date(2026, 10, 21, 14, 3, 22).getTime() / 1000;

/** As they look without colours. */
export function textOf(lines: readonly Line[]): string {
  return lines
    .map((line) =>
      line
        .map(({ text }) => text)
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
