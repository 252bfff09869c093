import { statSync } from 'node:fs';
import { StatisticsSourceError } from '../errors/operate.ts';
import { type Address, parseAddress } from '../options/address.ts';

/** Where the statistics of a server are to be had. */
export type StatisticsSource =
  /** Of a server of this user, as `findServer` finds it. */
  | { readonly kind: 'server'; readonly target: string | undefined }
  /** At an address of the option `stats`, with `stats-http` or without. */
  | { readonly kind: 'address'; readonly text: string; readonly place: Place }
  /** At a page of HTTP. */
  | { readonly kind: 'http'; readonly text: string; readonly place: Place; readonly path: string };

/** What a server is asked for: its statistics, or what happened lately. */
export type Wanted = 'stats' | 'recent';

/** As node:net connects. */
export type Place = { readonly host: string; readonly port: number } | { readonly path: string };

const HTTP_PORT = 80;

/**
 * What a word on the command line means: a pid, a pid file, an address as uWSGI's tools take them (`127.0.0.1:9191`, `/run/stats.sock`,
 * `@name`), a URL, or with no word at all the only server there is.
 *
 * @throws StatisticsSourceError when it means nothing of the kind
 */
export function statisticsSource(word: string | undefined): StatisticsSource {
  if (word === undefined || /^\d+$/.test(word)) return { kind: 'server', target: word };
  if (/^https?:\/\//i.test(word)) return pageOf(word);
  const file = statSync(word, { throwIfNoEntry: false });
  if (file !== undefined) return file.isSocket() ? addressOf(word) : { kind: 'server', target: word };
  if (/[:@]/.test(word)) return addressOf(word);
  throw new StatisticsSourceError(word, 'there is no such pid file and no such socket');
}

/** The path of what is wanted over HTTP. `/recent` lies beside the page that was named. */
export function pathOf(source: Exclude<StatisticsSource, { kind: 'server' }>, wanted: Wanted): string {
  const path = source.kind === 'http' ? source.path : '/';
  return wanted === 'stats' ? path : new URL('recent', `http://localhost${path}`).pathname;
}

function pageOf(text: string): StatisticsSource {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:') throw new StatisticsSourceError(text, 'statistics are read over http://, at a host and a port');
  // A URL has brackets around an IPv6 address.
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const port = url.port === '' ? HTTP_PORT : Number(url.port);
  return { kind: 'http', text, place: { host, port }, path: `${url.pathname}${url.search}` };
}

function addressOf(text: string): StatisticsSource {
  return { kind: 'address', text, place: placeOf(parse(text), text) };
}

function parse(text: string): Address {
  try {
    return parseAddress(text);
  } catch (error) {
    throw new StatisticsSourceError(text, `not ${(error as Error).message}`, error);
  }
}

function placeOf(address: Address, text: string): Place {
  switch (address.kind) {
    case 'tcp':
      // A server that listens at every address does so at this one.
      return { host: address.host === '0.0.0.0' ? '127.0.0.1' : address.host, port: address.port };
    case 'unix':
      return { path: address.path };
    case 'abstract':
      return { path: `\0${address.name}` };
    case 'fd':
      throw new StatisticsSourceError(text, 'the descriptor is one of the server: name the address that it stands for');
  }
}
