import { TlsError } from '../errors/tls.ts';
import type { Log } from '../log/log.ts';
import type { Credentials } from '../plan/tls.ts';
import { describeCertificate, type Renewal } from '../tls/renewal.ts';
import type { OpenSocket } from './sockets.ts';

/** A new certificate is found in two looks. */
const LOOK_MS = 500;

export interface RenewalPorts {
  /** Looks at the files of one address, and says whether there is something new. */
  readonly how: (renewal: Renewal) => boolean;
  readonly give: (name: string, tls: Credentials) => void;
  readonly log: Log;
}

/** Gives the certificates that have changed to the gateway. Where the new ones cannot be used, the old ones stay, and the log says why. */
export function renewCertificates(sockets: readonly OpenSocket[], { how, give, log }: RenewalPorts): void {
  for (const { bound, renewal } of sockets) {
    if (renewal === undefined) continue;
    try {
      if (!how(renewal)) continue;
      give(bound.name, renewal.credentials);
      log.event(`${bound.name}: the certificate was read anew, ${describeCertificate(renewal.credentials)}`);
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      log.event(`${bound.name}: goes on with the certificate that it has: ${error.message} (${error.suggestions.join('; ')})`);
    }
  }
}

/** @param look called twice a second */
export function watchCertificates(look: () => void): () => void {
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}
