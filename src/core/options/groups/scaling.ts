import { count, flag, seconds, text } from '../define.ts';

/** How the number of workers follows the load: uWSGI's cheaper mode, and its cheap one, which does without any. */
export const scaling = {
  cheaper: count({
    default: 0,
    impliesMaster: true,
    help: 'keep at least this many workers and start more under load, up to processes; 0 means always all of them',
  }),

  'cheaper-initial': count({ default: 0, impliesMaster: true, help: 'start with this many workers; 0 means as many as cheaper' }),

  'cheaper-step': count({ default: 1, min: 1, impliesMaster: true, help: 'start this many workers at a time' }),

  'cheaper-algo': text({
    metavar: 'NAME',
    impliesMaster: true,
    help: 'how the number is decided: spare, backlog, busyness or manual; spare when not given',
  }),

  'cheaper-overload': seconds({
    default: 3,
    min: 1,
    impliesMaster: true,
    help: 'how long the load must last; with backlog, how many requests must wait as well',
  }),

  'cheaper-busyness-max': count({ default: 50, help: 'with busyness: start workers when they are busier than this, in percent' }),

  'cheaper-busyness-min': count({ default: 25, help: 'with busyness: stop workers when they are less busy than this, in percent' }),

  'cheaper-busyness-multiplier': count({
    default: 10,
    min: 1,
    help: 'with busyness: so many quiet rounds in a row take a worker away',
  }),

  'cheaper-busyness-backlog-alert': count({ default: 33, help: 'with busyness: start workers at once when more requests than this wait' }),

  'cheaper-busyness-backlog-step': count({ default: 1, min: 1, help: 'with busyness: how many workers such an alert starts' }),

  cheap: flag({
    impliesMaster: true,
    help: 'start without workers; the first request starts them',
    note: 'The application is not imported before, so what is wrong with it is seen at the first request, which is then answered 503.',
  }),

  idle: seconds({
    default: 0,
    impliesMaster: true,
    help: 'end all workers after this time without a request; the next request starts them again; 0 means never',
    note: 'The process that imported the application ends with them. docs/operating.md tells what stays in memory.',
  }),

  'die-on-idle': flag({ help: 'with idle: end the whole server instead, with status 0', note: 'A socket of systemd brings it back.' }),
};
