import type { Address } from '../options/address.ts';
import type { Options } from '../options/registry.ts';
import type { SocketPlan } from './plan.ts';
import type { SocketOption } from './socket-option.ts';

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

/** @param inherited listening sockets that systemd passed on */
export function planSockets(options: Options, inherited: readonly number[]): readonly SocketPlan[] {
  const own = NAMED[options.protocol];
  const socketsOf = (option: SocketOption, addresses: readonly Address[]): readonly SocketPlan[] =>
    addresses.map((address) => ({ option, address, door: doorOf(option, options) }));
  const named = [
    ...socketsOf('http', options.http),
    ...socketsOf('http-socket', options.httpSocket),
    ...socketsOf('fastcgi-socket', options.fastcgiSocket),
    ...socketsOf('fastcgi-nph-socket', options.fastcgiNphSocket),
    ...socketsOf('scgi-socket', options.scgiSocket),
    ...socketsOf('scgi-nph-socket', options.scgiNphSocket),
    ...socketsOf(own, options.socket),
    ...socketsOf('socket', options.uwsgiSocket),
  ];
  const taken = new Set(named.map(({ address }) => (address.kind === 'fd' ? address.fd : undefined)));
  // As in uWSGI, sockets from systemd that no option names are as those of `socket`.
  const unnamed = inherited.filter((fd) => !taken.has(fd)).map((fd): Address => ({ kind: 'fd', text: `fd://${fd}`, fd }));
  return [...named, ...socketsOf(own, unnamed)];
}

/** Where all requests go to the same workers, those may accept on a uwsgi socket themselves. */
function doorOf(option: SocketOption, { directSocket }: Options): SocketPlan['door'] {
  return option === 'socket' && directSocket ? 'direct' : 'gateway';
}
