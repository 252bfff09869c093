import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { EMPEROR_DESCRIPTOR, type EmperorOrder, orderOf, REPORTS, type VassalReport } from '../wire/emperor.ts';

/** What a server below an emperor hears from it and tells it. A server whose emperor is gone ends, as in uWSGI. */
export class EmperorLink {
  readonly #descriptor: number;
  #socket: Socket | undefined;
  #obey: (order: EmperorOrder, because: string) => void = () => undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Has orders carried out from now on, those that came before first. A server that starts again, with its fallback-config, follows again. */
  follow(obey: (order: EmperorOrder, because: string) => void): void {
    this.#obey = obey;
    this.#socket ??= this.#open();
    this.#tell('started');
  }

  /** @param heartbeatSeconds how often to give a sign of life; 0 means never */
  ready(heartbeatSeconds: number): void {
    if (heartbeatSeconds > 0) {
      // First, so that an emperor which knows that we are ready knows of heartbeats, too.
      this.#tell('heartbeat');
      this.#heartbeat = setInterval(() => this.#tell('heartbeat'), heartbeatSeconds * 1000);
    }
    this.#tell('ready');
  }

  /** The end of the process says that it is over. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#obey = () => undefined;
  }

  #open(): Socket {
    const socket = new Socket({ fd: this.#descriptor });
    socket.on('data', (bytes) => {
      for (const order of [...bytes].map(orderOf)) if (order !== undefined) this.#obey(order, 'the emperor');
    });
    // Its end says the same, and comes whatever else went wrong.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#obey('stop-now', 'the emperor is gone'));
    return socket.unref();
  }

  #tell(report: VassalReport): void {
    if (this.#socket?.writable === true) this.#socket.write(Uint8Array.of(REPORTS[report]));
  }
}

/** The link that this process was started with, if it was. Forgets it: neither the application nor what that starts is a vassal. */
export function emperorLink(environment: NodeJS.ProcessEnv): EmperorLink | undefined {
  const text = environment[EMPEROR_DESCRIPTOR];
  Reflect.deleteProperty(environment, EMPEROR_DESCRIPTOR);
  return text !== undefined && /^\d+$/.test(text) && isSocket(Number(text)) ? new EmperorLink(Number(text)) : undefined;
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    // Left over from an emperor further up, whose descriptor did not come through.
    return false;
  }
}
