/** The start-up lines: what an operator wants to see at a glance. Scripts and tests wait for the last one, `ready: …`. */
import type { BoundSocket } from '../listen/bound-socket.ts';
import type { Log } from '../log/log.ts';
import type { Access } from '../stats/access.ts';
import type { GatewayCount } from '../plan/gateway-count.ts';
import { describeCertificate } from '../tls/renewal.ts';
import type { OpenSocket } from './sockets.ts';

export function announceStart(log: Log, version: string): void {
  log.line(`tsuwsgi ${version} on Node ${process.versions.node} (pid ${process.pid})`);
}

export function announceSockets(log: Log, sockets: readonly OpenSocket[]): void {
  for (const socket of sockets) announceSocket(log, socket);
}

/** @param bound undefined where there are none */
export function announceStatistics(log: Log, bound: BoundSocket | undefined, { token, isPublic }: Access): void {
  if (bound === undefined) return;
  const warning = ' (warning: whoever reaches it may read them; set stats-http and stats-token, or use 127.0.0.1)';
  log.line(`stats on ${bound.name}${isPublic && token === undefined ? warning : ''}`);
}

export function announceSocket(log: Log, { plan, bound, renewal }: OpenSocket): void {
  const what = plan.option === 'socket' ? 'uwsgi' : plan.option;
  const certificate = renewal === undefined ? '' : `, ${describeCertificate(renewal.credentials)}`;
  log.line(`${what} on ${bound.name}${plan.door === 'direct' ? ', direct' : certificate}`);
}

/**
 * uWSGI refuses to start where the system allows less; we go on with what it gives.
 *
 * @param limit undefined where the system does not tell
 */
export function announceBacklog(log: Log, asked: number, limit: number | undefined): void {
  const isCut = limit !== undefined && limit < asked;
  const remedy = isCut ? `, cut to ${limit} by the system; to raise its limit: sysctl -w net.core.somaxconn=${asked}` : '';
  log.line(`backlog of each address: ${asked} (listen)${remedy}`);
}

/** What is too many for the workers that there are is not refused: config files of uWSGI may ask for it. */
export function announceGatewayCount(log: Log, { count, asked }: GatewayCount, { master }: { readonly master: boolean }): void {
  if (count === asked) return;
  const why = master ? 'each needs a thread of a worker of its own; to have more raise processes or threads' : 'more need --master';
  log.line(`gateways: ${count}, not ${asked} (gateways, http-processes): ${why}`);
}

/** @param pid of the process that speaks HTTP */
export function announceGateway(log: Log, pid: number | undefined): void {
  if (pid !== undefined && pid !== process.pid) log.line(`gateway (pid ${pid}) listening`);
}

export function announceSpawner(log: Log, { python, executable, pid }: { python: string; executable: string; pid: number }): void {
  log.line(`python ${python}, ${executable} (pid ${pid})`);
}

/** @param workers 0 where the first request starts them */
export function announceReady(log: Log, workers: number): void {
  if (workers === 0) return log.line('ready: 0 workers, the first request starts them');
  log.line(`ready: ${workers} ${workers === 1 ? 'worker' : 'workers'}`);
}
