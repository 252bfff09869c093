/** Whether a request may come by this connection: hosts that let in different clients do not open each other. */
import { ProtocolError } from '../errors/protocol.ts';
import type { Identity } from '../plan/tls.ts';
import type { Caller } from './caller.ts';

/**
 * The certificate of a client was asked for the host that its handshake names. A request for another host that would ask for one, or for one of
 * another authority, is answered 421, as nginx does it: the client may come again on a connection of its own (RFC 9110 15.5.20).
 *
 * @param host as the request names it, with its port; empty where it names none
 * @throws ProtocolError
 */
export function checkDirected({ letsInFor }: Caller, host: string): void {
  if (letsInFor === undefined) return;
  const name = host.replace(/\.?(?::\d*)?$/, '');
  if (!letsInFor(name))
    throw ProtocolError.refused(421, `another host was named in the handshake, and "${name}" asks for a certificate of its clients`);
}

/** Who was let in as a client of the one is let in as one of the other. */
export function opens(one: Identity, other: Identity): boolean {
  if (other.clientCa === undefined) return true;
  return one.clientCa === other.clientCa && (one.requiresClient || !other.requiresClient);
}
