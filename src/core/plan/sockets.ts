import type { Address } from '../options/address.ts';
import type { Options } from '../options/registry.ts';
import type { TlsAddress } from '../options/tls-address.ts';
import { wantsFiles } from './files.ts';
import type { SocketPlan } from './plan.ts';
import { isRouter, protocolOf, type SocketOption } from './socket-option.ts';
import { planTls } from './tls.ts';

/** What `protocol` makes of `socket`. */
const NAMED = {
  uwsgi: 'socket',
  http: 'http-socket',
  http11: 'http-socket',
  fastcgi: 'fastcgi-socket',
  'fastcgi-nph': 'fastcgi-nph-socket',
  scgi: 'scgi-socket',
  'scgi-nph': 'scgi-nph-socket',
} as const satisfies Record<Options['protocol'], SocketOption>;

/** What sockets take from outside the options. */
export interface SocketSurroundings {
  /** Where the server was started. */
  readonly directory: string;
  /** Listening sockets that systemd passed on. */
  readonly inheritedDescriptors: readonly number[];
}

export function planSockets(options: Options, { directory, inheritedDescriptors }: SocketSurroundings): readonly SocketPlan[] {
  const own = NAMED[options.protocol];
  const clear = (option: SocketOption, addresses: readonly Address[]) => addresses.map((address) => socketOf(options, option, address));
  const encrypted = (option: SocketOption, addresses: readonly TlsAddress[], by: string = option) =>
    addresses.map(({ address, ...files }) => ({
      ...socketOf(options, option, address),
      tls: planTls(options, by, { files, directory }),
    }));
  const named = [
    ...clear('http', options.http),
    ...encrypted('https', options.https),
    ...encrypted('https', options.https2, 'https2'),
    ...clear('http-to-https', options.httpToHttps),
    ...clear('http-socket', options.httpSocket),
    ...clear('http11-socket', options.http11Socket),
    ...encrypted('https-socket', options.httpsSocket),
    ...clear('fastcgi-socket', options.fastcgiSocket),
    ...clear('fastcgi-nph-socket', options.fastcgiNphSocket),
    ...clear('scgi-socket', options.scgiSocket),
    ...clear('scgi-nph-socket', options.scgiNphSocket),
    ...clear(own, options.socket),
    ...clear('socket', options.uwsgiSocket),
  ];
  const taken = new Set(named.map(({ address }) => (address.kind === 'fd' ? address.fd : undefined)));
  // As in uWSGI, sockets from systemd that no option names are as those of `socket`.
  const unnamed = inheritedDescriptors.filter((fd) => !taken.has(fd)).map((fd): Address => ({ kind: 'fd', text: `fd://${fd}`, fd }));
  return [...named, ...clear(own, unnamed)];
}

function socketOf(options: Options, option: SocketOption, address: Address): SocketPlan {
  const isProxied = isRouter(option) ? options.httpEnableProxyProtocol : options.enableProxyProtocol;
  return {
    option,
    address,
    door: doorOf(option, options),
    ...(isProxied && protocolOf(option) === 'http' && { proxyProtocol: true }),
  };
}

/** Where all requests go to the same workers, those may accept on a uwsgi socket themselves. */
function doorOf(option: SocketOption, options: Options): SocketPlan['door'] {
  return option === 'socket' && options.directSocket && !wantsFiles(options) ? 'direct' : 'gateway';
}
