import type { Scope } from '../../test/helpers/scope.ts';
import { startTsuwsgi, startUwsgi } from '../servers.ts';
import { formatFigure } from '../table.ts';
import { downloaded, type Transfers, uploaded } from '../wrk.ts';
import { type Measure, measured, type Section, UWSGI } from './section.ts';

const KINDS: readonly Transfers[] = [
  { size: 10_000, connections: 64 },
  { size: 10_000, connections: 4 },
  { size: 1_000_000, connections: 4 },
  { size: 100_000_000, connections: 4 },
];

/** Bodies up and down. */
export const BODIES: readonly Section[] = [
  ...KINDS.map((kind) => transfers('Uploads', kind, uploaded(kind))),
  ...KINDS.map((kind) => transfers('Downloads', kind, downloaded(kind))),
];

/** Bodies of one size over HTTP. The last server hands bodies on as they come. */
function transfers(what: string, { size, connections }: Transfers, measure: Measure): Section {
  const words = '--http-socket 127.0.0.1:0 -M -p 2 -L --wsgi-file transfer.py';
  const buffered = { name: 'tsuwsgi', needs: [], start: (scope: Scope) => startTsuwsgi(scope, words) };
  const streamed = {
    name: 'tsuwsgi, request-buffering = false',
    needs: [],
    start: (scope: Scope) => startTsuwsgi(scope, `${words} --request-buffering=false`),
  };
  return {
    title: `${what} of ${formatFigure(size / 1000)} KB straight over HTTP, ${connections} connections`,
    unit: 'MB/s',
    baseline: 'uWSGI --http-socket',
    contenders: measured(measure, [
      buffered,
      ...(what === 'Uploads' ? [streamed] : []),
      { name: 'uWSGI --http-socket', needs: UWSGI, start: (scope) => startUwsgi(scope, words) },
    ]),
  };
}
