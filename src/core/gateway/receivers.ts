import type { GatewayListener, GatewaySettings } from '../plan/gateway-plan.ts';
import { servesFiles } from '../plan/file-settings.ts';
import type { Destination } from './destination.ts';
import { FileAnswers, type FileAnswerLogs } from './files/file-answers.ts';
import { FileDestination } from './files/file-destination.ts';
import { StaticPaths } from './files/static-paths.ts';
import type { Receiver } from './reception.ts';
import { sendToHttps } from './to-https.ts';

/** What receivers have of the gateway. */
export interface ReceiverPorts extends FileAnswerLogs {
  /** Where a request goes that nobody takes after all. */
  readonly workers: Destination;
}

/** Those that look at requests before the workers, in the order in which they do. None where the plan wants nothing looked at. */
export function receiversFor(settings: GatewaySettings, { option }: GatewayListener, ports: ReceiverPorts): readonly Receiver[] {
  if (option === 'http-to-https') return [sendToHttps];
  return servesFiles(settings.files) ? [fileReceiver(settings, ports)] : [];
}

function fileReceiver({ files }: GatewaySettings, ports: ReceiverPorts): Receiver {
  const answers = new FileAnswers(files, ports);
  const paths = new StaticPaths(files);
  return (variables) => {
    const candidates = paths.candidates(variables);
    return candidates.length === 0 ? undefined : new FileDestination(answers, { candidates, variables }, ports.workers);
  };
}
