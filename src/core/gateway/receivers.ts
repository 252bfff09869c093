import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import { servesFiles } from '../plan/file-settings.ts';
import { FileAnswers, type FileAnswerLogs } from './files/file-answers.ts';
import { FileDestination } from './files/file-destination.ts';
import { StaticPaths } from './files/static-paths.ts';
import type { Receiver } from './reception.ts';
import type { Destination } from './destination.ts';
import { siteReceiver } from './site-receiver.ts';
import { sendToHttps } from './to-https.ts';
import { Router } from './routing/router.ts';

/** Where receivers send requests, and what they say of them. */
export interface ReceiverPorts extends FileAnswerLogs {
  /** Where the requests for the site of this name go. */
  readonly workersOf: (site: string) => Destination;
}

/** Those that look at requests before the workers, in the order in which they do. None where the plan wants nothing looked at. */
export function receiversFor(settings: GatewaySettings, { option }: GatewayListener, ports: ReceiverPorts): readonly Receiver[] {
  if (option === 'http-to-https') return [sendToHttps];
  const router = new Router(settings, ports);
  const files = servesFiles(settings.files) ? [fileReceiver(settings, ports)] : [];
  const sites = new Set(settings.sites.mounted.map(({ site }) => site)).size > 1 ? [siteReceiver(settings.sites, ports.workersOf)] : [];
  return [...router.responseReceivers, ...router.requestReceivers, ...files, ...sites];
}

function fileReceiver({ files, headers }: GatewaySettings, logs: FileAnswerLogs): Receiver {
  const answers = new FileAnswers(files, headers, logs);
  const paths = new StaticPaths(files);
  return (variables, next) => {
    const candidates = paths.candidates(variables);
    return candidates.length === 0 ? next() : new FileDestination(answers, { candidates, variables }, next());
  };
}
