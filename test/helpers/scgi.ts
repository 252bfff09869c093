import { Buffer } from 'node:buffer';
import type { Address } from './address.ts';
import { cgiResponse, fcgiVars } from './fastcgi.ts';
import { exchange, type HttpResponse } from './http.ts';

/** Variables as SCGI has them, in this order. */
export function scgiHead(vars: readonly (readonly [name: string, value: string])[]): Buffer {
  const text = vars.map(([name, value]) => `${name}\0${value}\0`).join('');
  return Buffer.from(`${String(text.length)}:${text},`, 'latin1');
}

/** A whole request. */
export function scgiMessage(path: string, body: Buffer | string = '', vars: Readonly<Record<string, string>> = {}): Buffer {
  const bytes = Buffer.from(body);
  const all = { SCGI: '1', ...fcgiVars(path, vars) };
  return Buffer.concat([scgiHead([['CONTENT_LENGTH', String(bytes.length)], ...Object.entries(all)]), bytes]);
}

export async function scgiRequest(address: Address, path: string, body: Buffer | string = ''): Promise<HttpResponse> {
  return cgiResponse(await exchange(address, scgiMessage(path, body)));
}
