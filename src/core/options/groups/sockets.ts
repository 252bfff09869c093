import { addresses, bytes, choice, count, flag, mode, seconds, text } from '../define.ts';

/** Where clients are heard, and how. */
export const sockets = {
  socket: addresses({
    short: 's',
    help: 'speak the uwsgi protocol here: what uwsgi_pass of nginx connects to; or another one, with protocol',
  }),

  'uwsgi-socket': addresses({ help: 'speak the uwsgi protocol here, whatever protocol says' }),

  http: addresses({ aliases: ['httprouter'], help: 'speak HTTP here, for browsers and other clients' }),

  'http-socket': addresses({ help: 'speak HTTP here, behind a proxy' }),

  'http11-socket': addresses({ help: 'the same as http-socket, which keeps connections open as well' }),

  'http-to-https': addresses({ help: 'answer here with the same address over HTTPS' }),

  'fastcgi-socket': addresses({ help: 'speak FastCGI here: what fastcgi_pass of nginx and mod_proxy_fcgi of Apache connect to' }),

  'fastcgi-nph-socket': addresses({ help: 'the same with answers that begin as in HTTP, and not with "Status:"' }),

  'scgi-socket': addresses({ help: 'speak SCGI here: what scgi_pass of nginx and mod_proxy_scgi of Apache connect to' }),

  'scgi-nph-socket': addresses({ help: 'the same with answers that begin as in HTTP, and not with "Status:"' }),

  protocol: choice(['uwsgi', 'http', 'http11', 'fastcgi', 'fastcgi-nph', 'scgi', 'scgi-nph'], {
    aliases: ['socket-protocol'],
    default: 'uwsgi',
    help: 'what is spoken at the addresses of socket',
    note: 'Not puwsgi, suwsgi, https, raw and mongrel2.',
    support: 'partial',
  }),

  'enable-proxy-protocol': flag({
    help: 'at http-socket, http11-socket and https-socket, who the client is comes by the PROXY protocol from the load balancer in front',
    note: 'Versions 1 and 2. A connection without it is closed; uWSGI takes it for one of the client.',
  }),

  'http-enable-proxy-protocol': flag({
    arity: 'optional',
    help: 'the same at http, https and http-to-https',
    note: 'Versions 1 and 2. A connection without it is closed; uWSGI takes it for one of the client.',
  }),

  'chmod-socket': mode({
    short: 'C',
    aliases: ['chmod'],
    bare: 0o666,
    help: 'mode of the Unix sockets; 666 without a value, which must be attached',
  }),

  'chown-socket': text({ metavar: 'USER[:GROUP]', help: 'owner of the Unix sockets' }),

  listen: count({ short: 'l', immediate: true, default: 100, min: 1, help: 'how many connections the kernel may hold for the server' }),

  'buffer-size': bytes({
    short: 'b',
    default: 65535,
    min: 1,
    help: 'largest head of a request',
    note: "uWSGI's default is 4096, which cookies easily exceed.",
  }),

  'limit-post': bytes({ default: 0, help: 'answer 413 to a request whose body is larger than this, before it is read; 0 means no limit' }),

  'max-vars': count({
    short: 'v',
    default: 0,
    help: 'refuse a uwsgi packet with more than twice as many variables; 0 means as many as buffer-size has room for',
    note: "uWSGI's default is 64. Over HTTP a request may have 256 header fields.",
  }),

  'socket-timeout': seconds({ short: 'z', default: 4, min: 1, help: 'how long a client may keep the server waiting for its next bytes' }),

  'http-timeout': seconds({
    default: 60,
    min: 1,
    help: 'the same on the addresses that speak HTTP',
    note: "uWSGI's also ends requests whose application is silent for so long; here http-harakiri does.",
  }),

  'http-headers-timeout': seconds({
    default: 0,
    help: 'how long a client may take for the whole head of a request over HTTP, for a handshake and for a PROXY header; 0 means as long as http-timeout',
  }),

  'http-keepalive': {
    ...seconds({
      arity: 'optional',
      default: 0,
      help: 'how long a connection to the gateway may be idle between two requests; 75 without a value, and with 0 or 1',
      note: 'Connections are kept open in any case.',
    }),
    parse: parseKeepAlive,
  },

  'so-keepalive': flag({ help: 'have the kernel ask silent clients over TCP whether they are still there' }),

  gateways: count({
    extension: true,
    default: 0,
    help: 'how many processes read requests and send answers, each with a share of the threads of all workers; 0 leaves it to http-processes',
    note: 'When one is enough, and when not: docs/many-cores.md.',
  }),

  'http-processes': count({
    aliases: ['http-workers'],
    default: 1,
    help: 'the same as gateways, for all protocols that the gateway speaks',
    overruled: { by: 'gateways', instead: 'leave it out' },
  }),

  'max-connections': count({
    extension: true,
    default: 0,
    help: 'how many connections of clients the gateway keeps; beyond that silent ones are closed first; 0 means as many as ulimit -n allows',
  }),

  'request-buffering': flag({
    extension: true,
    arity: 'optional',
    default: true,
    help: 'collect the body of a request in the gateway before a worker has the request; without, a worker waits for what the client sends',
  }),

  'http-post-buffering': bytes({
    default: 1024 * 1024,
    help: 'keep a body that the gateway collects in a file when it is larger than this; 0 turns request-buffering off',
    note: "uWSGI's default is 0. Here it counts for FastCGI and SCGI as well.",
  }),

  'http-post-buffering-dir': text({
    metavar: 'PATH',
    help: 'directory of those files and of response-buffering, which have no name and are gone with the request; TMPDIR, or /tmp, if not given',
  }),

  'response-buffering': bytes({
    extension: true,
    default: 1024 ** 3,
    help: 'how much of a response the gateway keeps in a file for a client that reads slowly, so that its worker is free; 0 lets the worker wait',
  }),

  'response-buffering-total': bytes({
    extension: true,
    default: 2 ** 31 - 1,
    help: 'the same for all responses together; beyond it workers wait for their clients',
  }),

  'post-buffering': bytes({
    default: 0,
    help: 'let the application seek in wsgi.input: read a body whole before it runs, to a file from this size on; 0 means no',
    note: 'Bodies that the gateway collected are on this side already; readline after seek is right, which it is not in uWSGI.',
  }),

  'post-buffering-bufsize': bytes({ default: 8192, min: 1, help: 'size of the blocks in which post-buffering reads to a file' }),

  'http-harakiri': seconds({
    default: 0,
    help: 'answer a request that came through the gateway with 504 when it takes longer than this, the wait for a worker included; 0 means never',
    note: "The worker goes on, up to harakiri. uWSGI's watches over its router, and ends no request.",
  }),

  'queue-limit': count({
    extension: true,
    default: 4096,
    min: 1,
    help: 'how many requests may wait in the gateway for a worker; one more is answered 503',
  }),

  'queue-timeout': seconds({
    extension: true,
    default: 0,
    help: 'answer a request in the gateway with 503 when no worker was free for it for so long; 0 means that it may wait for ever',
  }),

  'direct-socket': flag({
    extension: true,
    default: true,
    arity: 'optional',
    help: 'let the workers accept on uwsgi sockets themselves; false puts the gateway in front of them',
    note: 'The gateway queues, so that a killed worker is a 502 of ours, and costs throughput behind nginx.',
  }),

  prefetch: count({
    extension: true,
    default: 0,
    help: 'requests sent ahead to one busy thread, where they stay; 0 adapts the number to how fast the application is, and takes back what waits too long',
  }),
};

/** Many write it as a switch, which it is in uWSGI as well: 1 says no more than the option alone. */
function parseKeepAlive(value: string): number {
  if (/^(|true|yes|on|false|no|off)$/i.test(value)) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new RangeError('seconds, or nothing');
}
