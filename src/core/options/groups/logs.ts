import { address, flag, path } from '../define.ts';

/** What the server tells about itself. */
export const logs = {
  logto: path({ help: 'write the log to this file' }),

  'disable-logging': flag({ short: 'L', help: 'do not log requests; errors are logged all the same' }),

  stats: address({
    aliases: ['stats-server'],
    impliesMaster: true,
    help: 'answer each connection here with the statistics as a JSON document',
  }),
};
