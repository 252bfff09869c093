import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Receiver } from '../options/receiver.ts';
import type { Options } from '../options/registry.ts';
import type { PushTarget } from '../options/stats-push.ts';

/** Who gets the statistics, and how often. */
export interface PushingPlan {
  readonly targets: readonly PlannedTarget[];
  readonly carbon: CarbonPlan | undefined;
}

export interface PlannedTarget {
  readonly target: PushTarget;
  readonly everyMs: number;
  readonly hasWorkers: boolean;
  /** Counters are sent as they stand. */
  readonly allGauges: boolean;
}

export interface CarbonPlan {
  readonly servers: readonly Receiver[];
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryMs: number;
  /** In front of the names: the root, the host and the id, of which dots are the joints. */
  readonly prefix: string;
  readonly hasWorkers: boolean;
  readonly usesMetrics: boolean;
  readonly idleAverage: 'last' | 'zero' | 'none';
}

/**
 * @param directory where the server does its work
 * @param address the first one on which it listens
 */
export function planPushing(options: Options, directory: string, address: string): PushingPlan {
  const { statsPush, statsPusherDefaultFreq, statsdNoWorkers, statsdAllGauges } = options;
  return {
    targets: statsPush.map((target) => ({
      target: target.kind === 'file' ? { ...target, path: resolve(directory, target.path) } : target,
      everyMs: 1000 * ((target.kind === 'file' ? target.everySeconds : undefined) ?? statsPusherDefaultFreq),
      hasWorkers: !(statsdNoWorkers && target.kind !== 'file'),
      allGauges: statsdAllGauges,
    })),
    carbon: options.carbon.length === 0 ? undefined : planCarbon(options, address),
  };
}

function planCarbon(options: Options, address: string): CarbonPlan {
  const host = hostname().replaceAll('.', options.carbonHostnameDots ?? '_');
  const id = (options.carbonId ?? address).replaceAll('.', '_');
  return {
    servers: options.carbon,
    everyMs: 1000 * options.carbonFreq,
    timeoutMs: 1000 * options.carbonTimeout,
    retries: options.carbonMaxRetry,
    retryMs: 1000 * options.carbonRetryDelay,
    prefix: [options.carbonRoot ?? 'uwsgi', host, id].filter((part) => part !== '').join('.'),
    hasWorkers: !options.carbonNoWorkers,
    usesMetrics: options.carbonUseMetrics,
    idleAverage: options.carbonIdleAvg,
  };
}
