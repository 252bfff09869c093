import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import { servesFiles } from '../plan/file-settings.ts';
import { FileAnswers, type FileAnswerLogs } from './files/file-answers.ts';
import { FileDestination } from './files/file-destination.ts';
import { StaticPaths } from './files/static-paths.ts';
import type { Receiver } from './receiver-chain.ts';
import { type SiteDoors, siteReceiver } from './site-receiver.ts';
import { sendToHttps } from './to-https.ts';
import { Router } from './routing/router.ts';

/** Where receivers send requests, and what they say of them. */
export interface ReceiverPorts extends FileAnswerLogs, SiteDoors {}

/** Those that look at requests before the workers, in the order in which they do. None where the plan wants nothing looked at. */
export function receiversFor(settings: GatewaySettings, { option }: GatewayListener, ports: ReceiverPorts): readonly Receiver[] {
  if (option === 'http-to-https') return [sendToHttps];
  const router = new Router(settings, ports);
  const files = servesFiles(settings.files) ? [fileReceiver(settings, ports)] : [];
  const sites = isChoice(settings) ? [siteReceiver(settings.sites, ports)] : [];
  return [...router.responseReceivers, ...router.requestReceivers, ...files, ...sites];
}

/** Requests tell which workers they are for. */
function isChoice({ sites: { mounted, isDynamic } }: GatewaySettings): boolean {
  return isDynamic || new Set(mounted.map(({ site }) => site)).size > 1;
}

function fileReceiver({ files, headers }: GatewaySettings, logs: FileAnswerLogs): Receiver {
  const answers = new FileAnswers(files, headers, logs);
  const paths = new StaticPaths(files);
  return (variables, next) => {
    const candidates = paths.candidates(variables);
    return candidates.length === 0 ? next() : new FileDestination(answers, { candidates, variables }, next());
  };
}
