/** What a client may ask of the server itself (FastCGI Specification 1.0, 4.1): GET_VALUES and its answer. */
import { readPairs, writePairs } from './pairs.ts';
import { record, TYPE } from './records.ts';

/** Requests that one connection may have on its way. Each holds some of its body, so this bounds what a client can make us keep. */
export const REQUESTS_MAX = 128;

const VALUES: Readonly<Record<string, string>> = {
  FCGI_MAX_CONNS: '1024',
  FCGI_MAX_REQS: '1024',
  FCGI_MPXS_CONNS: '1',
};

/** Tells of the names that were asked for and that are known. */
export function answerValues(asked: Buffer): Buffer {
  const names = new Set(readPairs(asked).map(({ from, middle }) => asked.toString('latin1', from, middle)));
  const known = Object.entries(VALUES).filter(([name]) => names.has(name));
  return record(TYPE.getValuesResult, 0, writePairs(known));
}

/** The answer to a record of a type that nobody knows. */
export function answerUnknown(type: number): Buffer {
  return record(TYPE.unknownType, 0, Buffer.of(type, 0, 0, 0, 0, 0, 0, 0));
}
