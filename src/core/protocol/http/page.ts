import { STATUS_CODES } from 'node:http';
import type { ResponseStart } from '../response.ts';

/** A small page of the server's own, in the form in which an application's response comes. */
export function page(status: number, fields = ''): ResponseStart {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  const body = `${title}\n`;
  const head = `${title}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n${fields}`;
  return {
    status,
    contentLength: body.length,
    bytes: Buffer.from(head + body, 'latin1'),
    headStart: 0,
    bodyStart: head.length,
    bodyEnd: head.length + body.length,
    isEnd: true,
  };
}
