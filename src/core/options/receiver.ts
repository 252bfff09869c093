/** A host and a port that somebody else listens on. */
export interface Receiver {
  readonly host: string;
  readonly port: number;
}

const HIGHEST_PORT = 65_535;

/** Reads `HOST:PORT`, with brackets around an IPv6 address. Undefined where the text is nothing of the kind. */
export function receiverIn(text: string): Receiver | undefined {
  const [, bracketed, host = bracketed, digits = ''] = /^(?:\[([\w:.%]+)\]|([\w.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return host === undefined || port < 1 || port > HIGHEST_PORT ? undefined : { host, port };
}

/**
 * The same where nothing else will do.
 *
 * @throws RangeError that says so
 */
export function parseReceiver(text: string): Receiver {
  const receiver = receiverIn(text);
  if (receiver === undefined) throw new RangeError('the HOST:PORT where somebody listens');
  return receiver;
}
