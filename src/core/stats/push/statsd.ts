/** The protocol of StatsD (github.com/statsd/statsd, docs/metric_types.md) and Datadog's with tags (DogStatsD), and uWSGI's own `socket`. */
import { fullName, type NamedFigure } from '../named-figures.ts';

export type StatsdDialect = 'statsd' | 'dogstatsd' | 'socket';

/** What fits an Ethernet frame behind the heads of IP and UDP, whatever is on the way. */
const PACKET_BYTES = 1432;
/** uWSGI's numbers for types of metrics. */
const TYPE_NUMBERS = { counter: 0, gauge: 1 } as const;

/**
 * What to add for each figure since it was sent last. A server of StatsD adds up what counters send, so it is told what came since; of uWSGI it
 * gets the whole count again and again.
 */
export class Increases {
  #before = new Map<string, number>();

  /** @returns counters as what they grew by, gauges as they are; counters that did not move are left out */
  of(figures: readonly NamedFigure[]): readonly NamedFigure[] {
    const before = this.#before;
    this.#before = new Map(figures.filter(({ type }) => type === 'counter').map((figure) => [fullName(figure), figure.value]));
    return figures.flatMap((figure) => {
      if (figure.type === 'gauge') return [figure];
      const last = before.get(fullName(figure)) ?? 0;
      // One that is smaller has begun anew.
      const grown = figure.value < last ? figure.value : figure.value - last;
      return grown === 0 ? [] : [{ ...figure, value: grown }];
    });
  }
}

export function statsdLine(figure: NamedFigure, dialect: StatsdDialect, prefix: string): string {
  const { type, value, of, name } = figure;
  const letter = type === 'counter' ? 'c' : 'g';
  switch (dialect) {
    case 'statsd':
      return `${prefix}.${clean(fullName(figure))}:${value}|${letter}`;
    case 'dogstatsd': {
      const tags = of.map(([kind, which]) => `${kind}:${which}`).join(',');
      return `${prefix}.${clean([...of.map(([kind]) => kind), name].join('.'))}:${value}|${letter}${tags === '' ? '' : `|#${tags}`}`;
    }
    case 'socket':
      return `${prefix}.${clean(fullName(figure))} ${TYPE_NUMBERS[type]} ${value}`;
  }
}

/** As few datagrams as they fit into, of whole lines. */
export function packets(lines: readonly string[]): readonly string[] {
  const filled: string[] = [];
  let packet = '';
  for (const line of lines) {
    const longer = packet === '' ? line : `${packet}\n${line}`;
    const isFull = packet !== '' && Buffer.byteLength(longer) > PACKET_BYTES;
    if (isFull) filled.push(packet);
    packet = isFull ? line : longer;
  }
  return packet === '' ? filled : [...filled, packet];
}

/** A name that an application gave to a metric must not be read as more than one. */
function clean(name: string): string {
  return name.replaceAll(/[\s:|@#]/g, '_');
}
