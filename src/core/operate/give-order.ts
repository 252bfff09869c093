import { connect } from 'node:net';
import { NotAServerError, OrderError } from '../errors/operate.ts';
import { LineReader, type Order, type Reply } from '../wire/operator.ts';
import type { RunningServer } from './find-server.ts';

export type { Order } from '../wire/operator.ts';

/** What a server may say in one line: the statistics of many workers are long. */
const REPLY_LIMIT = 64 * 1024 * 1024;

/** What came of an order. */
export interface Outcome {
  /** What was asked for; empty for most orders. */
  readonly text: string;
  /** What was done, in a sentence. */
  readonly message: string;
}

/**
 * Gives an order to a server and waits until it was carried out; a server that was told to stop has ended then.
 *
 * @param patience nobody waits any longer when it is aborted; without one, for as long as it takes
 * @throws OrderError with the server's reason when it was not.
 */
export function giveOrder({ pid, controlSocket }: RunningServer, order: Order, patience?: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const reader = new LineReader(REPLY_LIMIT);
    let text = '';
    let last: Reply | undefined;
    const socket = connect({ path: controlSocket, ...(patience && { signal: patience }) });
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(order)}\n`);
    socket.on('data', (piece: string) => {
      for (const line of reader.push(piece) ?? []) {
        const reply = JSON.parse(line) as Reply;
        if (reply.type === 'text') text += reply.text;
        else last = reply;
      }
    });
    // Nobody listens: a killed server left its directory behind and another process has its pid, or it has ended this very moment.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ENOENT') reject(new NotAServerError(pid));
    });
    socket.on('close', () => {
      if (patience?.aborted) reject(new OrderError(`server ${pid} has not answered in time`));
      else if (last?.type === 'done') resolve({ text, message: last.message });
      else reject(new OrderError(last?.type === 'failed' ? last.message : `server ${pid} ended before it had done that`));
    });
  });
}
