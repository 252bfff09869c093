/** The actions of rules, by name. */
import { RuleFlaw } from '../errors/routing.ts';
import { nearest } from '../errors/nearest.ts';
import { readAnswerStatus } from './status.ts';
import type { Action, ExpiresAction, Users } from './action.ts';
import { REFUSED } from './refused-actions.ts';
import { parseTemplate } from './template.ts';

/** What stands behind the colon → what is to be done. Throws RuleFlaw. */
type Parse = (text: string) => Action;

const END: Parse = () => ({ kind: 'end' });

const ACTIONS: Readonly<Record<string, Parse>> = {
  continue: END,
  last: END,
  goto: parseGoto,
  log: (text) => ({ kind: 'log', text: parseTemplate(text) }),
  donotlog: () => ({ kind: 'unlogged' }),
  addvar: parseVariable,
  setuser: setter('REMOTE_USER'),
  setscriptname: setter('SCRIPT_NAME'),
  setpathinfo: setter('PATH_INFO'),
  setscheme: setter('UWSGI_SCHEME'),
  seturi: setter('REQUEST_URI'),
  setmethod: setter('REQUEST_METHOD'),
  setremoteaddr: setter('REMOTE_ADDR'),
  setdocroot: setter('DOCUMENT_ROOT'),
  fixpathinfo: () => ({ kind: 'fix-path' }),
  rewrite: (text) => ({ kind: 'rewrite', url: parseTemplate(text), isLast: false }),
  'rewrite-last': (text) => ({ kind: 'rewrite', url: parseTemplate(text), isLast: true }),
  addheader: parseHeader,
  delheader: parseRemoval,
  remheader: parseRemoval,
  expires: parseExpires,
  redirect: (text) => ({ kind: 'redirect', status: 302, location: parseTemplate(text) }),
  'redirect-302': (text) => ({ kind: 'redirect', status: 302, location: parseTemplate(text) }),
  'redirect-301': (text) => ({ kind: 'redirect', status: 301, location: parseTemplate(text) }),
  'redirect-permanent': (text) => ({ kind: 'redirect', status: 301, location: parseTemplate(text) }),
  return: parseReturn,
  'break-with-status': parseReturn,
  break: parseBreak,
  static: (text) => ({ kind: 'file', path: parseTemplate(text), isOptional: false }),
  'static-next': (text) => ({ kind: 'file', path: parseTemplate(text), isOptional: true }),
  basicauth: (text) => parseAuthentication(text, true),
  'basicauth-next': (text) => parseAuthentication(text, false),
};

/** Those that change the request, which comes too late once there is a response. */
const OF_REQUESTS: ReadonlySet<Action['kind']> = new Set(['fix-path', 'rewrite', 'authenticate', 'unlogged']);

/**
 * @param text `redirect:/y`
 * @param phase whether the rule looks at a request or at its response
 * @throws RuleFlaw
 */
export function parseAction(text: string, phase: 'request' | 'response'): Action {
  const colon = text.indexOf(':');
  if (colon === -1)
    throw new RuleFlaw(`"${text}" is no action`, { column: 1, suggestions: ['write ACTION:ARGUMENT, as in redirect:/new'] });
  const name = text.slice(0, colon);
  const parse = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (parse === undefined) throw unknownAction(name);
  try {
    const action = parse(text.slice(colon + 1));
    if (phase === 'response' && OF_REQUESTS.has(action.kind)) throw tooLate(name);
    return action;
  } catch (error) {
    throw error instanceof RuleFlaw ? error.within(colon + 1) : error;
  }
}

function unknownAction(name: string): RuleFlaw {
  const instead = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (instead !== undefined) {
    return new RuleFlaw(`the action "${name}" is uWSGI's, and tsuwsgi does not have it`, { column: 1, suggestions: [instead] });
  }
  const likely = nearest(name, Object.keys(ACTIONS));
  const known = Object.keys(ACTIONS).join(', ');
  return new RuleFlaw(`there is no action "${name}"`, {
    column: 1,
    suggestions: likely.length > 0 ? likely.map((one) => `write "${one}:"`) : [`write one of ${known}`],
  });
}

function tooLate(name: string): RuleFlaw {
  return new RuleFlaw(`"${name}" changes the request, which is over when a rule looks at its response`, {
    suggestions: ['write it with route in the place of response-route'],
  });
}

function setter(variable: string): Parse {
  return (text) => ({ kind: 'set', variable, value: parseTemplate(text) });
}

function parseVariable(text: string): Action {
  const equals = text.indexOf('=');
  if (equals < 1) throw new RuleFlaw('addvar takes NAME=VALUE', { column: 1 });
  return { kind: 'set', variable: text.slice(0, equals), value: parseTemplate(text.slice(equals + 1)) };
}

function parseGoto(label: string): Action {
  if (label === '') throw new RuleFlaw('goto takes the name of a label', { column: 1 });
  return { kind: 'goto', label };
}

function parseHeader(text: string): Action {
  if (!/^[!#$%&'*+\-.^_`|~\w]+:/.test(text)) throw new RuleFlaw('addheader takes "Name: value"', { column: 1 });
  return { kind: 'add-header', line: parseTemplate(text) };
}

function parseRemoval(text: string): Action {
  if (text === '') throw new RuleFlaw('delheader takes the name of a header', { column: 1 });
  return { kind: 'remove-header', name: parseTemplate(text) };
}

function parseReturn(text: string): Action {
  const status = readAnswerStatus(text);
  if (status === undefined) {
    throw new RuleFlaw(`"${text}" is no status that can be answered with`, { column: 1, suggestions: ['write a status such as 404'] });
  }
  return { kind: 'return', status };
}

function parseBreak(text: string): Action {
  if (text !== '' && !/^[2-9]\d\d(?: .*)?$/.test(text)) {
    throw new RuleFlaw(`"${text}" is no status`, {
      column: 1,
      suggestions: ['write a status such as "break:403 Forbidden", or nothing to break the connection off'],
    });
  }
  return { kind: 'break', status: text };
}

/** `filename=PATH,unixtime=SECONDS,value=SECONDS`; the time of the file counts where both are given. */
function parseExpires(text: string): ExpiresAction {
  const values = new Map<string, string>();
  for (const pair of text.split(',')) {
    const [, key = '', value = ''] = /^(\w+)=(.*)$/s.exec(pair) ?? [];
    if (!['filename', 'unixtime', 'value'].includes(key)) {
      throw new RuleFlaw(`expires does not take "${pair}"`, {
        column: 1,
        suggestions: ['write unixtime=${time[unix]},value=SECONDS for some time from now, or filename=PATH,value=SECONDS'],
      });
    }
    values.set(key, value);
  }
  const file = values.get('filename');
  return {
    kind: 'expires',
    file: file === undefined ? undefined : parseTemplate(file),
    moment: parseTemplate(values.get('unixtime') ?? '0'),
    seconds: parseTemplate(values.get('value') ?? '0'),
  };
}

function parseAuthentication(text: string, isLast: boolean): Action {
  const comma = text.indexOf(',');
  const realm = text.slice(0, Math.max(comma, 0));
  if (comma === -1 || /["\\\r\n]/.test(realm)) {
    throw new RuleFlaw('basicauth takes REALM,USER:PASSWORD or REALM,/path/to/htpasswd', { column: 1 });
  }
  return { kind: 'authenticate', realm, users: readUsers(text.slice(comma + 1)), isLast };
}

/** A colon makes it a user. */
function readUsers(text: string): Users {
  const colon = text.indexOf(':');
  if (colon === -1) return { file: text };
  return { entry: { name: text.slice(0, colon), password: text.slice(colon + 1), form: 'plain' } };
}
