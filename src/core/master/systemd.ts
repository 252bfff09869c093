/**
 * The server as a service of systemd with `Type=notify`: what it is told, and when.
 *
 *     starting ─▶ READY ─▶ (RELOADING ─▶ READY)… ─▶ STOPPING       meanwhile STATUS, and WATCHDOG while all is well
 */
import type { NotifySocket } from './notify-socket.ts';

const STATUS_INTERVAL_MS = 5000;

export interface SystemdPorts {
  readonly socket: Pick<NotifySocket, 'send' | 'close'>;
  /** It wants a sign of life this often; undefined where it wants none. */
  readonly watchdogMs: number | undefined;
  /** The server in a few words: `systemctl status` shows them. */
  status(): string;
  /** Settled when every process that a client needs has answered; this process answers by asking. */
  probe(): Promise<void>;
}

export class Systemd {
  readonly #ports: SystemdPorts;
  readonly #timers: NodeJS.Timeout[] = [];
  #status = '';
  #probes = 0;

  constructor(ports: SystemdPorts) {
    this.#ports = ports;
    this.#send('STATUS=loading the application');
    // From now on: systemd counts from the start of the service.
    if (ports.watchdogMs !== undefined) this.#timers.push(setInterval(() => this.#signOfLife(), ports.watchdogMs / 2));
  }

  /** The server serves, for the first time or again. */
  ready(): void {
    if (this.#status === '') this.#timers.push(setInterval(() => this.#tellStatus(), STATUS_INTERVAL_MS));
    this.#status = this.#ports.status();
    this.#send('READY=1', `MAINPID=${process.pid}`, `STATUS=${this.#status}`);
  }

  reloading(): void {
    // The clock is CLOCK_MONOTONIC, as sd_notify(3) wants it.
    this.#send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`, 'STATUS=reloading');
  }

  stopping(what: string): void {
    this.#send('STOPPING=1', `STATUS=${what}`);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#ports.socket.close();
  }

  #tellStatus(): void {
    const status = this.#ports.status();
    if (status === this.#status) return;
    this.#status = status;
    this.#send(`STATUS=${status}`);
  }

  /** Systemd ends a service whose watchdog it does not hear of any more, and starts it again. */
  #signOfLife(): void {
    const nth = ++this.#probes;
    void this.#ports.probe().then(() => {
      // An answer that comes late is the answer to all that was asked meanwhile.
      if (nth === this.#probes) this.#send('WATCHDOG=1');
    });
  }

  #send(...assignments: string[]): void {
    this.#ports.socket.send(assignments);
  }
}
