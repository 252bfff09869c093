import { LIMITS, type Setup, type Stage } from './contender.ts';

const BACKLOG = 1000;

/** The deadlines of a server whose clock jumps: none of them is met by what the clients ask for. */
const DEADLINES = `harakiri = 20
max-worker-lifetime = 3600
min-worker-lifetime = 60
`;

/** A configuration of uWSGI, which tsuwsgi takes as it is. */
export function uwsgiConfig({ stage, dir, addresses, threads, log }: Setup, socket: string): string {
  return `[uwsgi]
${addresses.map((address) => `${socket} = ${address}\n`).join('')}master = true
processes = 2
${threads > 1 ? `threads = ${String(threads)}\n` : ''}wsgi-file = app.py
need-app = true
chdir = ${dir}
listen = ${String(BACKLOG)}
logto = ${log}
master-fifo = ${dir}/fifo
limit-as = ${String(LIMITS.limitAs)}
${stage === 'clock jumps' ? DEADLINES : limitsOfMemory()}`;
}

function limitsOfMemory(): string {
  return `reload-on-rss = ${String(LIMITS.reloadOnRss)}
evil-reload-on-rss = ${String(LIMITS.evilReloadOnRss)}
min-worker-lifetime = 0
`;
}

/** What uWSGI itself needs beside. */
export function uwsgiConfigOfItsOwn(stage: Stage): string {
  const more: Readonly<Partial<Record<Stage, string>>> = {
    'a chain reload': 'lazy-apps = true\n',
    scaling: 'workers = 4\ncheaper = 2\ncheaper-initial = 2\ncheaper-algo = manual\ncheaper-overload = 1\n',
  };
  return `plugin = python3\nmem-collector-freq = 1\n${more[stage] ?? ''}`;
}
