/** The gateway's process. The master starts it with an IPC channel and sends the plan first. */
import './shared-output.ts';
import { failed, type GatewayCommand, type GatewayReport } from '../plan/gateway-plan.ts';
import { gatewayCounter } from '../log/line-buffers.ts';
import { logTo } from '../log/log.ts';
import { redirectOutput } from '../log/standard-streams.ts';
import { Gateway, type ListenTarget } from './gateway.ts';

let gateway: Gateway | undefined;
let countDropped: (lines: number) => void = () => undefined;
/** Not the console, which ends the process once a line cannot be written to a file. */
const log = logTo({ fd: process.stderr.fd }, { onDropped: (lines) => countDropped(lines) });

// Ctrl-C, Ctrl-Z and the like reach the whole process group; what they mean is the master's decision.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGTSTP', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => undefined);

// Without a master nobody could stop us, so we do not outlive it.
process.on('disconnect', () => process.exit());

process.on('message', (command: GatewayCommand, socket?: ListenTarget) => {
  if (command.type === 'configure') configure(command);
  else if (command.type === 'reopen-log') reopenLog(command.path);
  else gateway?.handle(command, socket);
});

function configure({ plan }: Extract<GatewayCommand, { type: 'configure' }>): void {
  try {
    if (plan.processName !== undefined) process.title = plan.processName;
    countDropped = gatewayCounter(plan.lineBuffers);
    gateway = new Gateway(plan, report, (line) => log.line(line));
    gateway.start();
  } catch (error) {
    report(failed(error));
  }
}

function reopenLog(path: string): void {
  try {
    redirectOutput(path);
  } catch (error) {
    log.line(`[gateway] ${(error as Error).message}; its lines go on where they went`);
  }
}

function report(message: GatewayReport): void {
  process.send?.(message, () => {
    if (message.type === 'stopped') process.exit();
  });
}
