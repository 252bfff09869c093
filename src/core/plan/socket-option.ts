/** The option that made a socket what it is; `protocol` makes one of these of `socket`. */
export type SocketOption =
  | 'http'
  | 'http-socket'
  | 'http11-socket'
  | 'https'
  | 'https-socket'
  | 'http-to-https'
  | 'fastcgi-socket'
  | 'fastcgi-nph-socket'
  | 'scgi-socket'
  | 'scgi-nph-socket'
  | 'socket';

const PROTOCOLS = {
  http: 'http',
  'http-socket': 'http',
  'http11-socket': 'http',
  https: 'http',
  'https-socket': 'http',
  'http-to-https': 'http',
  'fastcgi-socket': 'fastcgi',
  'fastcgi-nph-socket': 'fastcgi',
  'scgi-socket': 'scgi',
  'scgi-nph-socket': 'scgi',
  socket: 'uwsgi',
} as const satisfies Record<SocketOption, string>;

/** Those of uWSGI's HTTP router, which tells applications more of a client than its HTTP sockets do. */
const ROUTERS: readonly SocketOption[] = ['http', 'https', 'http-to-https'];

export function protocolOf(option: SocketOption): (typeof PROTOCOLS)[SocketOption] {
  return PROTOCOLS[option];
}

export function isRouter(option: SocketOption): boolean {
  return ROUTERS.includes(option);
}
