import { TsuwsgiError } from './error.ts';

/** The system refuses an address: in use, not ours, no permission. */
export class BindError extends TsuwsgiError {
  readonly code = 'TSU_BIND';

  constructor(address: string, reason: string, suggestions: readonly string[]) {
    super(`cannot listen on ${address}: ${reason}`, { suggestions });
  }
}

/** `socket = fd://7` where nothing was inherited as descriptor 7. */
export class DescriptorError extends TsuwsgiError {
  readonly code = 'TSU_DESCRIPTOR';

  constructor(address: string, reason: string) {
    super(`cannot use ${address}: ${reason}`, { suggestions: ['start the server with a listening socket open as that descriptor'] });
  }
}

/** A socket file cannot be given the mode or the owner that was asked for. */
export class SocketOwnerError extends TsuwsgiError {
  readonly code = 'TSU_SOCKET_OWNER';

  constructor(path: string, what: string, cause: Error) {
    super(`cannot change the ${what} of ${path}: ${cause.message}`, { cause });
  }
}

/** A reload cannot hand this socket to a gateway that runs. */
export class FixedSocketError extends TsuwsgiError {
  readonly code = 'TSU_FIXED_SOCKET';

  constructor(address: string) {
    super(`${address} cannot be listened on after the start, since somebody else has opened it`, { suggestions: ['restart the server'] });
  }
}
