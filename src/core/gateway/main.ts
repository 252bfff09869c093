/** The gateway's process. The master starts it with an IPC channel and sends the plan first. */
import type { GatewayCommand, GatewayReport } from '../plan/gateway-plan.ts';
import { Gateway } from './gateway.ts';

let gateway: Gateway | undefined;

// Ctrl-C and the like reach the whole process group; what they mean is the master's decision.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

// Without a master nobody could stop us, so we do not outlive it.
process.on('disconnect', () => process.exit());

process.on('message', (command: GatewayCommand) => {
  if (command.type === 'configure') configure(command);
  else gateway?.handle(command);
});

function configure({ plan }: Extract<GatewayCommand, { type: 'configure' }>): void {
  try {
    gateway = new Gateway(plan, report);
    gateway.start();
  } catch (error) {
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function report(message: GatewayReport): void {
  process.send?.(message, () => {
    if (message.type === 'stopped') process.exit();
  });
}
