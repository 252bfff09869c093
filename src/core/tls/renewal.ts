import { X509Certificate } from 'node:crypto';
import type { Credentials, TlsPlan } from '../plan/tls.ts';
import { readCredentials, stateOf } from './credentials.ts';

/** The certificates of one address as they are, and as they become when their files change. */
export class Renewal {
  readonly #plan: TlsPlan;
  #credentials: Credentials;
  /** The state of the files when they were read, well or not. */
  #read: string;
  #seen: string;

  /** @throws TlsError when they cannot be used */
  constructor(plan: TlsPlan) {
    this.#plan = plan;
    this.#read = stateOf(plan);
    this.#seen = this.#read;
    this.#credentials = readCredentials(plan);
  }

  /** Those that were read last. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /**
   * Looks at the files, and reads them when they have changed and then stayed as they are for one look: a certificate and its key are
   * not written at once.
   *
   * @returns whether there are new ones
   * @throws TlsError, once for each change, when what is there now cannot be used; the old ones stay
   */
  look(): boolean {
    const before = this.#seen;
    this.#seen = stateOf(this.#plan);
    return this.#seen === before && this.#renew(this.#seen);
  }

  /** The same, at once. */
  renew(): boolean {
    return this.#renew(stateOf(this.#plan));
  }

  #renew(state: string): boolean {
    if (state === this.#read) return false;
    this.#read = state;
    this.#credentials = readCredentials(this.#plan);
    return true;
  }
}

/** For whom a certificate is and how long it is good, for a line in the log. */
export function describeCertificate({ own }: Credentials): string {
  const { validTo } = new X509Certificate(own.certificate);
  const until = new Date(validTo);
  const day = until.toISOString().slice(0, 10);
  return until.getTime() < Date.now() ? `its certificate expired on ${day}` : `its certificate is good until ${day}`;
}
