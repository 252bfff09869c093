/** Whole screens, as they look without colours. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyStatsDocument } from '../../src/core/stats/document.ts';
import { cellsOfLine } from '../../src/top/line.ts';
import { drawFrame, drawReport, type Screen } from '../../src/top/frame.ts';
import { firstView, press, type View } from '../../src/top/view.ts';
import { miss, NOTHING_YET, observe, type Watched } from '../../src/top/watched.ts';
import { documentOfUwsgi, documentWith, EPOCH, sampleOf, textOf, workerWith } from '../helpers/documents.ts';

const USUAL = { columns: 80, rows: 24 };

/** Seen one after the other, two seconds apart. */
function seen(...documents: AnyStatsDocument[]): Watched {
  return documents.reduce((watched, document, at) => observe(watched, sampleOf(document, 2 * at)), NOTHING_YET);
}

function show(watched: Watched, screen: Screen = USUAL, view: View = firstView(1)): string {
  return textOf(drawFrame(watched, { view, source: '127.0.0.1:9191', screen }).lines).trimEnd();
}

function keys(...pressed: string[]): View {
  return pressed.reduce<View>((view, key) => press(view, key) as View, firstView(1));
}

/** What uWSGI was seen to tell, when it had just told it. */
function uwsgi(): Watched {
  const document = documentOfUwsgi('two');
  const began = EPOCH - 5;
  const workers = document.workers.map((worker) => ({
    ...worker,
    last_spawn: EPOCH - 60,
    cores: worker.cores.map((core, at) => (core.in_request === 1 ? { ...core, req_info: { request_start: began + at } } : core)),
  }));
  return seen(documentOfUwsgi('one'), { ...document, workers });
}

const busy = (id: number, ageMs: number, uri: string) => ({
  id,
  requests: 5,
  in_request: 1,
  vars: ['REQUEST_METHOD=GET', `REQUEST_URI=${uri}`, ''],
  req_info: { age_ms: ageMs },
});

const application = (mountpoint: string, requests: number) => ({
  mountpoint,
  mountpoints: mountpoint === '/' ? ['/', '/static'] : [],
  workers: 2,
  busy: 1,
  requests,
  exceptions: 1,
  responses: { '2xx': requests, '5xx': 2 },
  tx: 5e6,
  rss: 5e7,
  latency: { seconds: 60, requests: 9, p50: 1500, p90: 9000, p99: 120_000 },
  queue: 3,
  queue_age_ms: 1200,
});

/** All that tsuwsgi tells. */
function tsuwsgi(requests: number): AnyStatsDocument {
  const cores = [busy(0, 12_345, '/report?year=2026'), { id: 1, requests: 3, in_request: 0 }];
  return documentWith({
    state: 'serving',
    started_at: EPOCH - 93_784,
    cwd: '/srv/приложение',
    listen_queue: 3,
    sockets: [{ name: ':9090', proto: 'http', queue: 3, queue_limit: 100, queue_age_ms: 1200 }],
    latency: { seconds: 60, requests: 100, p50: 3000, p90: 12_000, p99: 80_000 },
    responses: { '2xx': requests, '5xx': requests / 100 },
    applications: [application('/', requests), application('/blog/你好', 7)],
    gateway: { pid: 9, rss: 6e7 },
    restarts: { reload: 4, 'max-requests': 9, harakiri: 2, died: 1 },
    reloads: { done: 4, failed: 1, last: { at: EPOCH - 180, ok: false, seconds: 1, error: 'SyntaxError: \u001B[2Jinvalid' } },
    log: { dropped: 12 },
    workers: [
      workerWith(1, {
        status: 'busy',
        requests,
        exceptions: 3,
        harakiri_count: 2,
        avg_rt: 2500,
        rss: 5e7,
        vsz: 2e8,
        tx: requests * 1000,
        running_time: 9e6,
        respawn_count: 4,
        last_spawn: EPOCH - 4000,
        cores,
      }),
      workerWith(2, { status: 'cheap', pid: 0 }),
    ],
  });
}

const HELP = ' every 1s, by ID  q quit  ? keys  a cores  < > sort  r reverse  space pause';

describe('a screen', () => {
  test('of a server of uWSGI has what its document has', () => {
    const lines = [
      ' uwsgi 2.0.21-debian  14:03:24  pid 23522  127.0.0.1:9191  /srv/shop',
      ' 10 req/s  busy 2/4  queue 0  avg 133us  8.3KB/s',
      ' 2 workers  28 requests  22KB sent  1 exception  0 harakiris  23MB memory',
      '',
      ' APPLICATION                                                    REQ  REQ/S   EXC',
      ' /                                                               30     11     1',
      ' /shop                                                            0      0     0',
      '',
      '   ID     PID STATE     REQ REQ/S  EXC HRK   AVG   RSS    TX SPWN  SINCE CORES',
      '    1   23524 busy        4     0    0   0 127us   12M  3.3K    1  1m02s   2/2',
      '    2   23525 idle       24    10    1   0 126us   12M   19K    1  1m02s   0/2',
      '',
      '    AGE   CORE  METHOD  RUNNING NOW',
      '   7.0s    1:0  POST    /shop/slow',
      '   6.0s    1:1  GET     /slow/%E4%BD%A0%1B[31m"q\\uote"?x=<script>',
      ...Array.from({ length: 8 }, () => ''),
      HELP,
    ];
    assert.equal(show(uwsgi()), lines.join('\n'));
  });

  test('of a server of tsuwsgi has all that it tells', () => {
    const lines = [
      ' tsuwsgi 0.1.0  serving  14:03:24  up 1d02h  pid 100  127.0.0.1:9191  /srv/приложение',
      ' 300 req/s  busy 1/2  queue 3 (1.2s)  p50 3.0ms p90 12ms p99 80ms  293KB/s',
      ' 2 workers  1600 requests  1.5MB sent  3 exceptions  2 harakiris  5xx 3.0/s  105MB memory',
      ' the last reload failed 3m02s ago: SyntaxError: %1B[2Jinvalid',
      ' workers replaced: 2 harakiri, 1 died',
      ' 12 lines of the log lost',
      '',
      ' APPLICATION                 REQ  REQ/S   EXC   5XX    P50    P99    RSS     TX  QUEUE   WAIT   BUSY',
      ' /, /static                 1600    300     1     2  1.5ms  120ms    48M   4.8M      3   1.2s    1/2',
      ' /blog/你好                    7      0     1     2  1.5ms  120ms    48M   4.8M      3   1.2s    1/2',
      '',
      '   ID     PID STATE     REQ     % REQ/S  EXC HRK   AVG   RSS   VSZ    TX    RUN SPWN  SINCE CORES',
      '    1    1001 busy     1600 100.0   300    3   2 2.5ms   48M  191M  1.5M   9.0s    4  1h06m   1/2',
      '    2       - cheap       0   0.0     0    0   0     -     -     -     0      -    0',
      '',
      '    AGE   CORE  METHOD  RUNNING NOW',
      '    12s    1:0  GET     /report?year=2026',
      ...Array.from({ length: 6 }, () => ''),
      `${HELP}  f fast  + - speed`,
    ];
    assert.equal(show(seen(tsuwsgi(1000), tsuwsgi(1600)), { columns: 100, rows: 24 }), lines.join('\n'));
  });

  test('has requests, queue and percentiles in 80 columns as well', () => {
    const [, now] = show(seen(tsuwsgi(1000), tsuwsgi(1600))).split('\n');
    assert.equal(now, ' 300 req/s  busy 1/2  queue 3 (1.2s)  p50 3.0ms p90 12ms p99 80ms  293KB/s');
  });

  test('has a chart once there is something to compare', () => {
    const at = (requests: number) => documentWith({ workers: [workerWith(1, { requests })] });
    const lines = (watched: Watched) => show(watched).split('\n');
    assert.doesNotMatch(lines(seen(at(0), at(10))).join(), /max/);
    assert.equal(lines(seen(at(0), at(10), at(30), at(30)))[3], ' ▄█▁  max 10 req/s');
  });

  test('is as large as the terminal, whatever that is', () => {
    const pages = [uwsgi(), seen(tsuwsgi(1e6), tsuwsgi(5e7)), NOTHING_YET, miss(uwsgi(), 'nothing listens there')];
    for (const watched of pages) {
      for (const view of [keys(), keys('a'), keys('a', 'a', 'end'), keys('?')]) {
        for (let columns = 1; columns < 140; columns += 7) {
          for (const rows of [1, 2, 3, 5, 8, 13, 24, 50]) {
            const { lines } = drawFrame(watched, { view, source: '@x', screen: { columns, rows } });
            assert.equal(lines.length, rows);
            for (const line of lines) assert.ok(cellsOfLine(line) <= columns, `${textOf([line])} in ${String(columns)}`);
          }
        }
      }
    }
  });

  test('has control characters nowhere, whoever sent them', () => {
    const evil = '\u001B[2J\n\u009B31m\u202E';
    const document = documentWith({
      version: evil,
      state: evil,
      cwd: evil,
      applications: [application(evil, 1), application(`${evil}x`, 1)],
      reloads: { last: { at: 1, ok: false, error: evil } },
      workers: [workerWith(1, { status: evil, cores: [busy(0, 1, evil)] })],
    });
    const { lines } = drawFrame(seen(document), { view: keys(), source: evil, screen: { columns: 200, rows: 30 } });
    for (const line of lines) assert.doesNotMatch(textOf([line]), /\p{C}/u);
  });

  test('says that the server has gone, shows what it was, and goes on when it is back', () => {
    const before = seen(
      documentWith({ workers: [workerWith(1, { requests: 8 })] }),
      documentWith({ workers: [workerWith(1, { requests: 28 })] }),
    );
    const gone = miss(before, '127.0.0.1:9191: nothing listens there');
    const lines = show(gone).split('\n');
    assert.match(lines[0] ?? '', /^ uwsgi 0\.1\.0 {2}GONE /);
    assert.equal(lines[1], ' busy 0/1  queue 0');
    assert.equal(lines[4], ' 127.0.0.1:9191: nothing listens there; trying again');
    assert.match(lines[7] ?? '', /^ {4}1 {4}1001 idle {7}28 {5}- /);
    const back = observe(gone, sampleOf(documentWith({ pid: 101, workers: [workerWith(1, { requests: 40 })] }), 12));
    assert.match(show(back), /^ uwsgi 0\.1\.0 {2}14:03:34 {2}pid 101 .*\n 4\.0 req\/s /);
  });

  test('says what it waits for before there is anything', () => {
    assert.match(show(NOTHING_YET), /^ waiting for the statistics\n/);
  });

  test('explains the keys', () => {
    assert.match(show(uwsgi(), USUAL, keys('?')), /^\n q {10}quit\n a {10}workers, cores, or both\n/);
    assert.match(show(uwsgi(), USUAL, keys(' ')), /\n PAUSED {2}q quit {2}/);
    assert.match(show(uwsgi(), USUAL, keys('>', 'r', '-')), /\n every 2s, by PID reversed {2}q quit {2}/);
  });
});

describe('the table of workers', () => {
  const workers = [3, 1, 2].map((id) =>
    workerWith(id, {
      requests: id * 10,
      avg_rt: 1000 - id,
      status: id === 2 ? 'busy' : 'idle',
      cores: [
        { id: 0, requests: id, in_request: id === 2 ? 1 : 0 },
        { id: 1, requests: 0, in_request: 0 },
      ],
    }),
  );

  /** The first column of the table, from top to bottom. */
  function names(view: View, list: readonly object[] = workers, screen = USUAL): string[] {
    const lines = show(seen(documentWith({ workers: list })), screen, view).split('\n');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('   ID')) + 1);
    return table.slice(0, table.indexOf('')).map((line) => line.trim().split(/ +/)[0] ?? '');
  }

  test('is in the order that was asked for, figures downwards', () => {
    assert.deepEqual(names(keys()), ['1', '2', '3']);
    assert.deepEqual(names(keys('r')), ['3', '2', '1']);
    assert.deepEqual(names(keys('>', '>')), ['2', '1', '3'], 'by state, then by number');
    assert.deepEqual(names(keys('>', '>', '>')), ['3', '2', '1'], 'by requests');
    assert.deepEqual(names(keys('>', '>', '>', 'r')), ['1', '2', '3']);
    assert.deepEqual(names({ ...keys(), order: { by: 'averageUs', isReversed: false } }), ['1', '2', '3']);
    assert.deepEqual(names({ ...keys(), order: { by: 'cores', isReversed: false } }), ['2', '1', '3']);
  });

  test('shows cores that were ever needed, alone and below their workers', () => {
    assert.deepEqual(names(keys('a')), ['1:0', '2:0', '3:0']);
    assert.deepEqual(names(keys('a', 'a', 'r')), ['3', '3:0', '2', '2:0', '1', '1:0']);
  });

  test('leaves out columns that there is no room for, the least important first', () => {
    const titles = (columns: number) =>
      show(seen(documentWith({ workers })), { columns, rows: 24 })
        .split('\n')
        .find((line) => line.startsWith('   ID'))
        ?.trim()
        .split(/ +/)
        .join(' ');
    assert.equal(titles(80), 'ID PID STATE REQ REQ/S EXC HRK AVG RSS TX SPWN SINCE CORES');
    assert.equal(titles(60), 'ID PID STATE REQ REQ/S EXC HRK AVG RSS TX');
    assert.equal(titles(36), 'ID PID STATE REQ REQ/S');
    assert.equal(titles(200), 'ID PID STATE REQ % REQ/S EXC HRK AVG RSS VSZ TX RUN SPWN SINCE CORES');
  });

  test('has pages where there are more workers than rows', () => {
    const many = Array.from({ length: 40 }, (_, at) => workerWith(at + 1));
    const page = (view: View) => names(view, many);
    assert.deepEqual([page(keys())[0], page(keys()).at(-2), page(keys()).at(-1)], ['1', '15', '1']);
    assert.match(show(seen(documentWith({ workers: many }))), /\n 1 to 15 of 40\n/);
    assert.equal(page(keys('pagedown'))[0], '11');
    assert.match(show(seen(documentWith({ workers: many })), USUAL, keys('end')), /\n 26 to 40 of 40\n/);
    const { view } = drawFrame(seen(documentWith({ workers: many })), { view: keys('end'), source: '', screen: USUAL });
    assert.equal(view.offset, 25, 'the next key up moves from what is seen');
  });
});

describe('the slowest requests', () => {
  test('come first, and some have room beside many workers', () => {
    const workers = Array.from({ length: 40 }, (_, at) => workerWith(at + 1, { cores: [busy(0, at * 1000 + 500, `/${String(at)}`)] }));
    assert.deepEqual(
      show(seen(documentWith({ workers })))
        .split('\n')
        .slice(-5),
      ['    AGE   CORE  METHOD  RUNNING NOW', '    40s   40:0  GET     /39', '    39s   39:0  GET     /38', ' 1 to 2 of 40', HELP],
    );
  });

  test('are cut at the edge, not wrapped', () => {
    const workers = [workerWith(1, { cores: [busy(0, 500, `/${'x'.repeat(300)}`)] })];
    const line = show(seen(documentWith({ workers })))
      .split('\n')
      .find((one) => one.includes('GET'));
    assert.equal(line, `  500ms    1:0  GET     /${'x'.repeat(54)}…`);
  });
});

describe('a report', () => {
  const report = (watched: Watched) => textOf(drawReport(watched, { view: keys(), source: '', screen: { columns: 80, rows: 1 } }));

  test('has all workers, however many, and no keys', () => {
    const workers = Array.from({ length: 200 }, (_, at) => workerWith(at + 1));
    const lines = report(seen(documentWith({ workers }))).split('\n');
    assert.equal(lines.length, 3 + 2 + 200 + 2);
    assert.doesNotMatch(lines.join('\n'), /quit| of 200/);
  });

  test('of one document has no rates', () => {
    assert.doesNotMatch(report(seen(tsuwsgi(1000))), /REQ\/S|req\/s/);
  });
});
