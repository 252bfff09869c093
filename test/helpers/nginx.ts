import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, type Address } from './address.ts';
import { launch } from './child.ts';
import type { Scope } from './scope.ts';
import { tempDir } from './temp.ts';

export interface NginxOptions {
  /** What stands in `server { … }`: locations, mostly. */
  readonly server: string;
  /** What stands beside it in `http { … }`: an upstream, mostly. */
  readonly http?: string;
  /** Where nginx listens; a Unix socket in a directory of its own when missing. */
  readonly listen?: Address;
}

export interface Nginx {
  readonly address: Address;
}

/** A real nginx in front of a server. As root its worker runs as www-data, as on any Debian machine. */
export async function startNginx(scope: Scope, { server, http = '', listen }: NginxOptions): Promise<Nginx> {
  const dir = tempDir(scope);
  mkdirSync(join(dir, 'bodies'));
  const address = listen ?? { path: join(dir, 'http.sock') };
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, configFor(dir, address, { server, http }));
  const child = launch(scope, {
    command: 'nginx',
    words: ['-c', config, '-p', dir, '-e', 'stderr'],
    cwd: dir,
    stopSignal: 'SIGTERM',
    stopStatus: [0],
  });
  await child.line(/start worker process \d+/);
  return { address };
}

/** The location of all the tutorials: everything goes to the server by the uwsgi protocol. */
export function uwsgiPass(to: Address): string {
  return `location / { include /etc/nginx/uwsgi_params; uwsgi_pass ${formatAddress(to)}; }`;
}

/** Everything goes to the server over FastCGI; `more` is what stands beside. */
export function fastcgiPass(to: Address, more = ''): string {
  return `location / { include /etc/nginx/fastcgi_params; ${more} fastcgi_pass ${formatAddress(to)}; }`;
}

/** Everything goes to the server over SCGI. */
export function scgiPass(to: Address, more = ''): string {
  return `location / { include /etc/nginx/scgi_params; ${more} scgi_pass ${formatAddress(to)}; }`;
}

/** Everything goes to the server over HTTP. */
export function proxyPass(to: Address): string {
  return `location / { proxy_pass http://${formatAddress(to)}${'path' in to ? ':' : ''}; }`;
}

function configFor(dir: string, address: Address, { server, http }: Required<Pick<NginxOptions, 'server' | 'http'>>): string {
  const temporary = ['client_body', 'proxy', 'uwsgi', 'fastcgi', 'scgi'].map((kind) => `${kind}_temp_path ${dir}/bodies/${kind};`);
  const listen = 'path' in address ? `unix:${address.path}` : formatAddress(address);
  return `
${process.getuid?.() === 0 ? 'user www-data;' : ''}
daemon off;
worker_processes 1;
pid ${dir}/nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  ${http}
  server {
    listen ${listen};
    ${server}
  }
}
`;
}
