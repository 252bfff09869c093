import { choice, count, flag, pushTargets, receivers, seconds, text } from '../define.ts';

/** Statistics that are sent to those who keep them. */
export const pushing = {
  'stats-push': pushTargets({
    metavar: 'KIND:WHERE',
    impliesMaster: true,
    help: 'send the statistics: statsd:HOST:PORT[,PREFIX], dogstatsd:…, socket:… or file:path=PATH',
    note: 'What is sent under which name: docs/metrics.md. `dogstatsd` is an extension.',
  }),

  'stats-pusher-default-freq': seconds({
    needs: ['stats-push'],
    aliases: ['stats-pushers-default-freq'],
    min: 1,
    default: 3,
    impliesMaster: true,
    help: 'how often stats-push sends',
  }),

  'statsd-no-workers': flag({ needs: ['stats-push'], help: 'send nothing about single workers to StatsD' }),

  'statsd-all-gauges': flag({
    needs: ['stats-push'],
    help: 'send counters to StatsD as gauges, which it does not add up',
    note: 'Without it counters are sent as what they have grown by.',
  }),

  carbon: receivers({ impliesMaster: true, help: "send figures to a Carbon of Graphite's" }),

  'carbon-freq': seconds({ needs: ['carbon'], min: 1, default: 60, help: 'how often carbon sends' }),

  'carbon-timeout': seconds({ needs: ['carbon'], min: 1, default: 3, help: 'how long a Carbon may take' }),

  'carbon-id': text({
    needs: ['carbon'],
    metavar: 'ID',
    help: 'the last part of what stands in front of the names; the first address, where it is not given',
  }),

  'carbon-root': text({ needs: ['carbon'], metavar: 'NAME', help: 'the first part of it; without it, uwsgi' }),

  'carbon-hostname-dots': text({
    needs: ['carbon'],
    metavar: 'CHARACTER',
    help: 'what stands for the dots of the host name there; without it, _',
  }),

  'carbon-no-workers': flag({ needs: ['carbon'], help: 'send nothing about single workers to Carbon' }),

  'carbon-use-metrics': flag({ needs: ['carbon'], help: 'send to Carbon all that stats-push sends, under those names' }),

  'carbon-idle-avg': choice(['last', 'zero', 'none'] as const, {
    needs: ['carbon'],
    default: 'last',
    help: 'what Carbon gets as the mean time of requests while there were none',
  }),

  'carbon-max-retry': count({
    needs: ['carbon'],
    metavar: 'N',
    default: 0,
    help: 'how often a Carbon that failed is tried again before the next time is due',
  }),

  'carbon-retry-delay': seconds({ needs: ['carbon'], min: 1, default: 7, help: 'how long to wait before that' }),

  'carbon-name-resolve': flag({
    aliases: ['carbon-resolve-names'],
    support: 'accepted',
    help: 'let names of hosts be resolved',
    note: 'They always are.',
  }),
};
