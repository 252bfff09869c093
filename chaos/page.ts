import type { Fault } from './faults.ts';
import { losses, type Outcome } from './suite.ts';

/** What became of one server's requests. */
export interface Table {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
  /** Why there are none. */
  readonly absent?: string;
}

interface Circumstances {
  readonly seed: number;
  readonly rounds: number;
  readonly clients: number;
}

/** docs/reliability.md. */
export function formatPage(tables: readonly Table[], faults: readonly Fault[], { seed, rounds, clients }: Circumstances): string {
  const head = ['fault', ...tables.map(({ name }) => name)];
  const rows = faults.map(({ name }) => [name, ...tables.map((table) => cell(table, name))]);
  return `# Reliability

Written by \`npm run test:chaos -- --seed ${String(seed)} --rounds ${String(rounds)} --write\`; change nothing here by hand.

Each server has a master and two workers of one thread. ${String(clients)} clients ask without a pause, each request on a connection of its own, for a page that takes
5 ms. Each fault is done ${String(rounds)} times, in an order that the seed decides. A cell says how many requests had a good answer during the fault and its aftermath, and
how many had not: \`reset\`, \`empty\`, \`cut\` and \`refused\` are connections without an answer, a number is the status of an answer.

| ${head.join(' | ')} |
|${head.map(() => '---').join('|')}|
${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}

A request that runs in a worker that is killed cannot be saved, since it may have had its effect: its client gets a 502. Who is connected to a gateway that is
killed loses the connection; behind nginx that is a 502 as well.
`;
}

function cell({ outcomes, absent }: Table, fault: string): string {
  const mine = outcomes.filter((outcome) => outcome.fault === fault);
  if (mine.length === 0) return absent ?? '–';
  const served = mine.reduce((sum, outcome) => sum + outcome.served, 0);
  const kinds = mine.flatMap(({ lost, refused }) => [...Object.entries(lost), ...Object.entries(refused)]);
  const counts = new Map<string, number>();
  for (const [kind, count] of kinds) counts.set(kind, (counts.get(kind) ?? 0) + count);
  const bad = [...counts].map(([kind, count]) => `${String(count)} ${kind.replace('status ', '')}`);
  const stuck = mine.filter((outcome) => outcome.stuck !== undefined).length;
  if (stuck > 0) bad.push(`not over it within 30 s: ${String(stuck)} of ${String(mine.length)} times`);
  const isFine = mine.every((outcome) => losses(outcome) === 0 && outcome.stuck === undefined);
  return `${String(served)} served, ${isFine ? 'none lost' : `**${bad.join(', ')}**`}`;
}
