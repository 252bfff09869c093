/** Where clients are heard, and who may come in. */
import { type Address, isPublic } from '../../options/address.ts';
import type { OptionEntry } from '../../options/entry.ts';
import type { Configuration } from '../configuration.ts';
import { about, type Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

const SOCKETS = (
  'socket uwsgi-socket http http-socket http11-socket https https-socket https2 fastcgi-socket fastcgi-nph-socket scgi-socket scgi-nph-socket ' +
  'suwsgi-socket puwsgi-socket raw-socket shared-socket'
).split(' ');

/** With these the server hears its clients elsewhere, or has none. */
const OTHER_WAYS_IN = 'attach-daemon emperor fastrouter mule rawrouter sslrouter spooler udp zerg'.split(' ');

const HTTP_ROUTERS = ['http', 'https', 'https2', 'http-to-https'];

/** Options that begin like those of the HTTP router and are none. */
const NOT_THE_ROUTERS = /^http-(socket|to$)/;

/** What a mode is when `chmod-socket` stands there without one. */
const BARE_MODE = '666';

const GROUP_OR_OTHERS_WRITE = 0o022;
const OTHERS_WRITE = 0o002;

/** The web server's user gets in by one of these. */
const OPEN = 'add "chmod-socket = 660" and "chown-socket = :www-data" (the group of your web server)';

export const socketRules: readonly Rule[] = [
  {
    id: 'no-socket',
    severity: 'warning',
    title: 'No address to listen on',
    why: 'The server does not start without one, unless the command line names it or systemd hands it over.',
    remedy: 'Write `http = :9090` for browsers, or `socket = 127.0.0.1:3031` for nginx.',
    check: (configuration) =>
      configuration.isEmpty || configuration.has(...SOCKETS, ...OTHER_WAYS_IN)
        ? []
        : [
            {
              message: 'nothing here names an address to listen on',
              suggestion: 'write "http = :9090", or "socket = 127.0.0.1:3031" for nginx',
            },
          ],
  },
  {
    id: 'world-writable-socket',
    severity: 'warning',
    title: 'A Unix socket that everybody may write to',
    why: 'Whoever may write to the socket can send requests to the application with any REMOTE_USER, past the web server.',
    remedy: 'Give the socket to the group of the web server: `chmod-socket = 660` and `chown-socket = :www-data`.',
    check: (configuration) => {
      const entry = configuration.last('chmod-socket');
      const mode = entry === undefined ? undefined : modeOf(entry);
      if (entry === undefined || mode === undefined || (mode & OTHERS_WRITE) === 0 || hasOnlyTcp(configuration)) return [];
      return [
        about(
          entry,
          `with mode ${entry.text || BARE_MODE} every user of this machine may talk to the application`,
          'write "chmod-socket = 660" and "chown-socket = :www-data" (the group of your web server)',
        ),
      ];
    },
  },
  {
    id: 'mode-without-unix-socket',
    severity: 'warning',
    title: 'The mode or owner of a Unix socket where there is none',
    why: 'An address with a port has neither a mode nor an owner.',
    remedy: 'Remove the line, or make the address a path.',
    check: (configuration) =>
      hasOnlyTcp(configuration)
        ? configuration
            .all('chmod-socket', 'chown-socket')
            .map((entry) => about(entry, `"${entry.name}" has no effect: none of the addresses is a Unix socket`, 'remove it'))
        : [],
  },
  {
    id: 'closed-socket',
    severity: 'warning',
    title: 'A Unix socket that the web server may not open',
    why: 'To connect, the web server needs write permission. With the usual umask only the user who starts the server has it, so nginx answers 502 ("Permission denied" in its log) unless it runs as that user.',
    remedy: 'Add `chmod-socket = 660` and `chown-socket = :www-data`, or run the server as `uid = www-data`.',
    check: (configuration) =>
      isOpened(configuration)
        ? []
        : unixSockets(configuration).map((entry) => about(entry, `only the server's own user may connect to ${entry.text}`, OPEN)),
  },
  {
    id: 'router-option-without-http',
    severity: 'warning',
    title: 'An option of the HTTP router without http',
    why: 'Options that begin with `http-` are for the router that `http` starts. In uWSGI they do nothing for `http-socket` and `socket`; here some of them hold for `http-socket` as well.',
    remedy: 'Use `http`, or remove the option.',
    check: (configuration) =>
      configuration.has(...HTTP_ROUTERS)
        ? []
        : configuration.entries
            .filter(({ option }) => option.startsWith('http-') && !NOT_THE_ROUTERS.test(option))
            .map((entry) =>
              about(entry, `"${entry.name}" belongs to "http", which is not here`, 'write "http = ADDRESS", or remove this line'),
            ),
  },
  {
    id: 'listen-above-limit',
    severity: 'warning',
    title: 'A longer queue than the kernel allows',
    why: 'The kernel silently cuts `listen` down to net.core.somaxconn. uWSGI refuses to start.',
    remedy: 'Raise `net.core.somaxconn` with sysctl, or lower `listen`.',
    check: (configuration) => {
      const entry = configuration.last('listen');
      const limit = configuration.surroundings.listenLimit();
      if (entry === undefined || limit === undefined || configuration.options.listen <= limit) return [];
      return [
        about(
          entry,
          `the kernel keeps at most ${limit} connections waiting`,
          `write "listen = ${limit}", or raise it: sysctl -w net.core.somaxconn=${configuration.options.listen}`,
        ),
      ];
    },
  },
  {
    id: 'stats-for-everybody',
    severity: 'warning',
    title: 'Statistics for the network',
    why: 'The statistics tell addresses, paths and process ids to whoever connects. Without a token, nobody is told of errors there. A container is left alone: what reaches it is decided outside.',
    remedy: 'Write `stats = 127.0.0.1:9191`, or a Unix socket; or set `stats-http` and `stats-token`.',
    check: (configuration) => {
      const { stats, emperorStats, statsToken } = configuration.options;
      if (configuration.isForContainer) return [];
      if (configuration.has('emperor')) return publicStats(emperorStats, configuration.last('emperor-stats'), ', or a Unix socket');
      return statsToken === undefined ? publicStats(stats, configuration.last('stats'), ', or set stats-http and stats-token') : [];
    },
  },
];

/** The entries whose address is the path of a Unix socket: what has no colon is one, unless it is abstract. */
function unixSockets(configuration: Configuration): readonly OptionEntry[] {
  return configuration.all(...SOCKETS).filter(({ text }) => text !== '' && (text.startsWith('unix:') || !/[:$]|^[@=]/.test(text)));
}

/** All addresses are known, and each has a port. */
function hasOnlyTcp(configuration: Configuration): boolean {
  const sockets = configuration.all(...SOCKETS);
  return sockets.length > 0 && sockets.every(({ text }) => /^(addr=)?[^/$@=,]*:\d+(,.*)?$/.test(text));
}

function modeOf({ text }: OptionEntry): number | undefined {
  const digits = text === '' || text === '1' ? BARE_MODE : text;
  return /^0?[0-7]{3}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Something lets others than the server's own user in; or a mode says that nobody else shall come in. */
function isOpened(configuration: Configuration): boolean {
  if (configuration.has('chown-socket', 'uid', 'umask')) return true;
  const entry = configuration.last('chmod-socket');
  if (entry === undefined) return false;
  const mode = modeOf(entry);
  return mode === undefined || (mode & GROUP_OR_OTHERS_WRITE) !== 0 || (mode & 0o077) === 0;
}

/** @param remedy what would do as well as an address of this machine alone */
function publicStats(address: Address | undefined, entry: OptionEntry | undefined, remedy: string): readonly Finding[] {
  if (address?.kind !== 'tcp' || !isPublic(address) || entry === undefined) return [];
  const message = 'everybody who reaches this machine may read the statistics';
  return [about(entry, message, `write "${entry.name} = 127.0.0.1${portOf(entry)}"${remedy}`)];
}

function portOf({ text }: OptionEntry): string {
  return text.slice(text.lastIndexOf(':'));
}
