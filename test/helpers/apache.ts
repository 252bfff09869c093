import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Address } from './address.ts';
import { launch } from './child.ts';
import { eventually } from './eventually.ts';
import type { Scope } from './scope.ts';
import { tempDir } from './temp.ts';

const START_DEADLINE_MS = 10_000;

/** A real Apache in front of a server. @param pass what hands requests on: ProxyPass lines, mostly */
export async function startApache(scope: Scope, pass: string): Promise<Address> {
  const dir = tempDir(scope);
  const port = await freePort();
  const [config, log] = [join(dir, 'apache2.conf'), join(dir, 'error.log')];
  writeFileSync(config, configFor(dir, port, pass));
  writeFileSync(log, '');
  launch(scope, { command: 'apache2', words: ['-D', 'FOREGROUND', '-f', config], cwd: dir, stopSignal: 'SIGTERM', stopStatus: 'any' });
  await eventually('Apache is ready', () => readFileSync(log, 'latin1').includes('resuming normal operations'), START_DEADLINE_MS);
  return { host: '127.0.0.1', port };
}

function configFor(dir: string, port: number, pass: string): string {
  const modules = ['mpm_event', 'authz_core', 'setenvif', 'proxy', 'proxy_fcgi', 'proxy_scgi', 'proxy_uwsgi'];
  return `
ServerRoot ${dir}
ServerName localhost
PidFile ${dir}/pid
DefaultRuntimeDir ${dir}
ErrorLog ${dir}/error.log
LogLevel notice
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
Listen 127.0.0.1:${String(port)}
DocumentRoot ${dir}
<Directory />
  Require all granted
</Directory>
${pass}
`;
}
