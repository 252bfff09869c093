import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FIGURES } from '../../../src/core/master/gateway-figures.ts';
import type { SingleGateway } from '../../../src/core/master/gateway-link.ts';
import { Gateways, shareOf } from '../../../src/core/master/gateways.ts';
import type { Loan } from '../../../src/core/plan/gateway-plan.ts';

/** Gateways that do nothing but say what they were told. */
function several(count: number) {
  const told: string[] = [];
  const singles = Array.from({ length: count }, (_, index) => {
    const say = (what: string): void => void told.push(`${index + 1}: ${what}`);
    return {
      ready: Promise.resolve(),
      processes: [{ pid: 100 + index, connections: index }],
      figures: { ...NO_FIGURES, connections: index, refused: 1 },
      queue: (site?: string) => ({ length: site === undefined ? 5 : 2, ageMs: 10 * index }),
      lend: ({ site, to, isUrgent }: Loan) => say(`lend ${site} to ${to}${isUrgent ? ', urgent' : ''}`),
      follow: ({ queueLimit }: { queueLimit: number }) => say(`queue ${queueLimit}`),
      retire: ({ seat }: { seat: number }) => say(`retire ${seat}`),
      stop: (how: string) => Promise.resolve(say(`stop ${how}`)),
    } as unknown as SingleGateway;
  });
  return { gateways: new Gateways(singles), singles, told };
}

test('what several gateways have done is added up', () => {
  const { gateways } = several(3);
  assert.deepEqual([gateways.figures.connections, gateways.figures.refused], [3, 3]);
  assert.deepEqual(gateways.queue(), { length: 15, ageMs: 20 });
  assert.deepEqual(gateways.queue('/shop'), { length: 6, ageMs: 20 });
  assert.deepEqual(
    gateways.processes.map(({ pid }) => pid),
    [100, 101, 102],
  );
});

test('an order is for all of them, and a limit is shared out', async () => {
  const { gateways, told } = several(2);
  gateways.retire({ site: '', seat: 4, pid: 9 });
  gateways.follow({ queueLimit: 5, maxConnections: 0, responsesKept: 10 } as Parameters<Gateways['follow']>[0]);
  await gateways.stop('now');
  assert.deepEqual(told, ['1: retire 4', '2: retire 4', '1: queue 3', '2: queue 3', '1: stop now', '2: stop now']);
});

test('a limit that is none stays none', () => {
  assert.deepEqual(shareOf({ queueLimit: 1, maxConnections: 0, responsesKept: 9 }, 2), {
    queueLimit: 1,
    maxConnections: 0,
    responsesKept: 5,
  });
});

test('what is held up in any of them is told', () => {
  const { gateways, singles } = several(2);
  const heard: object[] = [];
  gateways.onHeldUp = (holdup) => void heard.push(holdup);
  for (const [seat, single] of singles.entries()) single.onHeldUp({ seat, core: 0 });
  assert.deepEqual(heard, [
    { seat: 0, core: 0 },
    { seat: 1, core: 0 },
  ]);
});

test('one that is short of slots gets them from the others in turn, and never from itself', () => {
  const { singles, told } = several(3);
  for (let nth = 0; nth < 4; nth++) singles[1]?.onShort({ site: '/shop', isBare: nth > 2 });
  assert.deepEqual(told, ['3: lend /shop to 2', '1: lend /shop to 2', '3: lend /shop to 2', '1: lend /shop to 2, urgent']);
});
