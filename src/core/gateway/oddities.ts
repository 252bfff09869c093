import { Complaints, type Patience } from '../util/complaints.ts';

/** Whom oddities are told, and how often. */
export interface OddityPorts extends Patience {
  readonly log: (line: string) => void;
}

/** What goes wrong in the gateway over and over, such as handshakes that fail. */
export class Oddities extends Complaints {
  /** @param where they are met, such as the name of an address */
  constructor(where: string, { log, ...patience }: OddityPorts) {
    super((text) => log(`[gateway] ${where}: ${text}`), patience);
  }
}
