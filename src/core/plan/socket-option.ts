/** The option that made a socket what it is; `protocol` makes one of these of `socket`. */
export type SocketOption = 'http' | 'http-socket' | 'fastcgi-socket' | 'fastcgi-nph-socket' | 'scgi-socket' | 'scgi-nph-socket' | 'socket';

const PROTOCOLS = {
  http: 'http',
  'http-socket': 'http',
  'fastcgi-socket': 'fastcgi',
  'fastcgi-nph-socket': 'fastcgi',
  'scgi-socket': 'scgi',
  'scgi-nph-socket': 'scgi',
  socket: 'uwsgi',
} as const satisfies Record<SocketOption, string>;

export function protocolOf(option: SocketOption): (typeof PROTOCOLS)[SocketOption] {
  return PROTOCOLS[option];
}
