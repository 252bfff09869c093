import { type Fault, notFor, STANDSTILL_MS } from './faults/fault.ts';
import { isFine, type Outcome } from './outcome.ts';
import { PAIRS, STORM } from './storm.ts';
import type { Contender } from './targets/contender.ts';

/** What became of one server's requests. */
export interface Column {
  readonly contender: Contender;
  readonly outcomes: readonly Outcome[];
  /** Why there are none. */
  readonly absent: string | false;
}

interface Circumstances {
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly rounds: number;
  readonly storm: number;
  readonly clients: number;
}

/** docs/reliability.md. */
export function formatPage(columns: readonly Column[], circumstances: Circumstances): string {
  const { seed, rounds, storm, clients } = circumstances;
  const overHttp = columns.filter(({ contender }) => contender.door === 'http');
  const overUwsgi = columns.filter(({ contender }) => contender.door !== 'http');
  return `# Reliability

Written by \`npm run test:chaos -- --seed ${String(seed)} --rounds ${String(rounds)} --storm ${String(storm)} --write\`; change nothing here by hand.

Each server has a master and two workers of one thread. ${String(clients)} clients ask without a pause, each request on a connection of its own, for a page that takes
5 ms. A seed decides the order and the victims; each fault is done ${String(rounds)} times. A cell has the requests that had a good answer during
the fault and until 60 more had one, and those that had not: a number is the status of the answer; of the others the connection
was closed without a byte (\`empty\`), in the middle of an answer (\`cut\`), \`reset\` or \`refused\`. **Bold** is what should not be: more
than [cannot be saved](#what-is-lost-and-why), or a server that did not get over it within 30 seconds. That one is started anew for the next fault.

Bodies of 1 GB by each protocol, and what they cost in memory, are in [large-bodies.md](large-bodies.md); hostile requests by the thousand in [fuzzing.md](fuzzing.md).

tsuwsgi and uWSGI have the same configuration, \`need-app\` and limits of memory included; gunicorn has the same numbers of workers and threads.

## Over HTTP

\`http\` of tsuwsgi, \`http-socket\` of uWSGI, \`bind\` of gunicorn.

${tableOf(overHttp, circumstances)}

## Over the uwsgi protocol

\`socket\`, behind a real nginx with \`uwsgi_pass\`; for tsuwsgi also with clients that speak the protocol themselves and so see what nginx sees.

${tableOf(overUwsgi, circumstances)}

## What is lost, and why

- **A request that runs in a worker that is killed** cannot be saved, since it may have had its effect. There is at most one in a worker
  with one thread. Over HTTP its client gets a 502 of tsuwsgi; behind nginx nginx answers with a 502, since it sees its connection closed.
  Whether there is one at that moment is chance.
- **Who is connected to a gateway that is killed** loses the connection, at most each client once. The address stays: nobody is refused.
- **Nothing else.** What waits for a worker goes to another one, and a reload, whether it fails or not, takes nothing from anybody.

## What the faults are

- **SIGSTOP** is for ${String(STANDSTILL_MS / 1000)} seconds. A request that has begun in a worker which stands still is late, and not lost.
- **Chain reload** and **scaling** are ordered through the FIFO, from gunicorn by SIGTTIN and SIGTTOU. uWSGI has \`lazy-apps\` for the
  one, without which it knows no chain, and four workers with \`cheaper-algo = manual\` for the other.
- **Code that cannot be imported** raises an exception when it is imported.
- **The log** is on a disk (tmpfs) of the server's own, which is filled up and freed. Lines of that time are missing; the log goes on afterwards.
- **Idle connections** are opened at the server's own address, more than it has descriptors.
- **No process can open anything**: the limit of descriptors of all processes is put below what they have open, and back.
- **The clock** of the wall is put with libfaketime, for all processes of the server: what they ask the system for the time of day jumps,
  while a request runs that takes 1.5 seconds, with \`harakiri = 20\` and \`max-worker-lifetime = 3600\`. The monotonic clock goes on, as it does when
  an operator or NTP sets the clock. Timers of the kernel that follow the clock of the wall are not covered; tsuwsgi uses none.
  gunicorn 20.1 does not run with libfaketime 0.9.10.
- **A storm** is ${String(storm)} faults, drawn from all that need no server of their own; **two at once** are ${String(Math.floor(storm / 2))} pairs that do not forbid each other.
`;
}

function tableOf(columns: readonly Column[], { faults, clients }: Circumstances): string {
  const head = ['fault', ...columns.map(({ contender }) => contender.name)];
  const rows = [
    ...faults.map((fault) => [fault.name, ...columns.map((column) => cellOf(column, fault, clients))]),
    ...[STORM, PAIRS].map((row) => [row, ...columns.map((column) => summary(outcomesOf(column, row), column.contender, clients))]),
  ];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cellOf(column: Column, fault: Fault, clients: number): string {
  const reason = column.absent === false ? notFor(fault, column.contender) : column.absent;
  return reason === false ? summary(outcomesOf(column, fault.name), column.contender, clients) : `n/a: ${reason}`;
}

function outcomesOf({ outcomes }: Column, row: string): readonly Outcome[] {
  return outcomes.filter(({ fault }) => (fault.row ?? fault.name) === row);
}

/** `812 served, none lost`, or what was lost and how. */
function summary(outcomes: readonly Outcome[], { door }: Contender, clients: number): string {
  if (outcomes.length === 0) return '–';
  const served = outcomes.reduce((sum, outcome) => sum + outcome.served, 0);
  const bad = [...countsOf(outcomes)].map(([kind, count]) => `${String(count)} ${kind.replace('status ', '')}`);
  const stuck = outcomes.filter((outcome) => outcome.stuck !== undefined).length;
  if (stuck > 0) bad.push(`not over it ${String(stuck)} of ${String(outcomes.length)} times`);
  const text = bad.length === 0 ? 'none lost' : bad.join(', ');
  return `${String(served)} served, ${outcomes.every((outcome) => isFine(outcome, door, clients)) ? text : `**${text}**`}`;
}

function countsOf(outcomes: readonly Outcome[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [kind, count] of outcomes.flatMap(({ bad }) => Object.entries(bad))) counts.set(kind, (counts.get(kind) ?? 0) + count);
  return counts;
}
