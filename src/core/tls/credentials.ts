/** All certificates of an address, from their files. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TlsError } from '../errors/tls.ts';
import type { Credentials, IdentityPlan, TlsPlan } from '../plan/tls.ts';
import { readIdentity } from './identity.ts';

type HostPlan = TlsPlan['hosts'][number];

/**
 * Reads what an address needs to speak TLS.
 *
 * @throws TlsError for the first file that cannot be used
 */
export function readCredentials(plan: TlsPlan): Credentials {
  const { exportsCertificate, sessionContext, sessionSeconds, verifyDepth, offersHttp2 } = plan;
  return {
    exportsCertificate,
    sessionContext,
    sessionSeconds,
    verifyDepth,
    offersHttp2,
    own: readIdentity(plan.own),
    hosts: hostsOf(plan).map(({ match, files }) => ({ match, identity: readIdentity(files) })),
  };
}

/** Which state all files of an address are in, as one text: another one when any of them was written to, replaced, linked anew, or opened to us. */
export function stateOf(plan: TlsPlan): string {
  const files = [plan.own, ...attempt(() => hostsOf(plan), []).map((host) => host.files)];
  return files
    .flatMap(({ certificate, key, clientCa }) => [certificate, key, clientCa ?? ''])
    .map(stateOfFile)
    .join(' ');
}

function stateOfFile(path: string): string {
  const stat = path === '' ? undefined : attempt(() => statSync(path, { throwIfNoEntry: false }), undefined);
  return stat === undefined ? '-' : `${stat.dev}:${stat.ino}:${stat.ctimeMs}:${stat.size}`;
}

/** Those that are named come before those of the folder, as in uWSGI. */
function hostsOf({ hosts, folder }: TlsPlan): readonly HostPlan[] {
  return folder === undefined ? hosts : [...hosts, ...hostsIn(folder)];
}

function hostsIn({ path, ciphers }: NonNullable<TlsPlan['folder']>): readonly HostPlan[] {
  const names = new Set(listFolder(path));
  const complete = [...names].filter((name) => name.endsWith('.crt') && names.has(name.replace(/crt$/, 'key'))).sort();
  return complete.map((name) => {
    const host = name.slice(0, -'.crt'.length);
    const ca = `${host}.ca`;
    const files: IdentityPlan = {
      option: 'sni-dir',
      certificate: join(path, name),
      key: join(path, `${host}.key`),
      ciphers,
      clientCa: names.has(ca) ? join(path, ca) : undefined,
      requiresClient: false,
    };
    return { match: { kind: 'name', name: host.toLowerCase() }, files };
  });
}

function listFolder(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throw TlsError.unreadable('sni-dir', 'folder', Object.assign(error as NodeJS.ErrnoException, { path }));
  }
}

/** A file that cannot be looked at has no state; reading it says why. */
function attempt<Value>(look: () => Value, otherwise: Value): Value {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
