import type { EnvironKey, EnvironWriter } from '../protocol/environ.ts';
import { keyName, marshalKey } from '../wire/marshal.ts';

/** The environ of one request as names and values, for those who look at it or change it before a worker has it. Values are latin-1. */
export class RequestVariables implements EnvironWriter {
  readonly #values = new Map<string, string>();
  /** The keys of those that the client sent, which are made already. */
  readonly #keys = new Map<string, EnvironKey>();
  /** What the client sent in place of values that were changed; undefined for one that it did not send. */
  readonly #sent = new Map<string, string | undefined>();

  // eslint-disable-next-line max-params -- as its interface has it
  pair(key: EnvironKey, source: Uint8Array, from: number, to: number): void {
    const bytes = Buffer.isBuffer(source) ? source : Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    this.text(key, bytes.toString('latin1', from, to));
  }

  text(key: EnvironKey, value: string): void {
    const name = keyName(key);
    this.#keys.set(name, key);
    this.#values.set(name, value);
  }

  /** Its value; empty for one that is not there. */
  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Its value as the client sent it, whatever became of it. */
  sent(name: string): string {
    return (this.#sent.has(name) ? this.#sent.get(name) : this.#values.get(name)) ?? '';
  }

  set(name: string, value: string): void {
    this.#keep(name);
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#keep(name);
    this.#values.delete(name);
  }

  writeTo(environ: EnvironWriter): void {
    for (const [name, value] of this.#values) environ.text(this.#keys.get(name) ?? marshalKey(name), value);
  }

  #keep(name: string): void {
    if (!this.#sent.has(name)) this.#sent.set(name, this.#values.get(name));
  }
}
