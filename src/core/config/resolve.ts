import { execFileSync } from 'node:child_process';
import { isIP } from 'node:net';

/** The first IPv4 address of a host, else its first address, by the system's own resolver; undefined where it has none. */
export function resolveHost(host: string): string | undefined {
  if (isIP(host) !== 0) return host;
  try {
    const addresses = execFileSync('getent', ['ahosts', '--', host], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '');
    return addresses.find((address) => isIP(address) === 4) ?? addresses.find((address) => isIP(address) !== 0);
  } catch {
    return undefined;
  }
}
