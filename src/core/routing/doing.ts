import { STATUS_CODES } from 'node:http';
import type { Action, ExpiresAction } from './action.ts';
import type { Answer } from './answer.ts';
import type { Case, Surroundings } from './case.ts';
import { fill, type Filling } from './fill.ts';
import { readCredentials } from './password.ts';
import { rewrite, withoutScriptName } from './rewrite.ts';
import { withReason } from './status.ts';
import type { Template } from './template.ts';

/** What comes after an action. */
export type Step =
  | { readonly then: 'next' | 'end' }
  | { readonly then: 'goto'; readonly label: string }
  | { readonly then: 'answer'; readonly answer: Answer };

const NEXT: Step = { then: 'next' };
const END: Step = { then: 'end' };
const UNAUTHORISED = '401 Authorization Required';

/** Does what actions say, for one request or response. */
export class Doing {
  readonly filling: Filling;
  readonly #case: Case;
  readonly #around: Surroundings;

  constructor(it: Case, groups: readonly string[], around: Surroundings) {
    this.#case = it;
    this.#around = around;
    this.filling = { groups, variables: it.variables, status: it.status, now: around.now() };
  }

  follow(action: Action): Step {
    switch (action.kind) {
      case 'end':
        return END;
      case 'goto':
        return { then: 'goto', label: action.label };
      case 'log':
        this.#around.log(this.#fill(action.text));
        return NEXT;
      case 'unlogged':
        this.#case.effects.isUnlogged = true;
        return NEXT;
      case 'set':
      case 'fix-path':
      case 'rewrite':
        return this.#change(action);
      case 'add-header':
      case 'remove-header':
      case 'expires':
        this.#edit(action);
        return NEXT;
      case 'authenticate':
        return this.#authenticate(action);
      default:
        return this.#answer(action);
    }
  }

  #change(action: Extract<Action, { kind: 'set' | 'fix-path' | 'rewrite' }>): Step {
    const { variables } = this.#case;
    if (action.kind === 'set') variables.set(action.variable, this.#fill(action.value));
    else if (action.kind === 'fix-path')
      variables.set('PATH_INFO', withoutScriptName(variables.get('PATH_INFO'), variables.get('SCRIPT_NAME')));
    else {
      const { path, query } = rewrite(this.#fill(action.url), variables.get('QUERY_STRING'));
      variables.set('PATH_INFO', path);
      variables.set('QUERY_STRING', query);
    }
    return action.kind === 'rewrite' && action.isLast ? END : NEXT;
  }

  #edit(action: Extract<Action, { kind: 'add-header' | 'remove-header' | 'expires' }>): void {
    const { effects } = this.#case;
    if (action.kind === 'add-header') effects.added.push(onOneLine(this.#fill(action.line)));
    else if (action.kind === 'remove-header') effects.removed.push(this.#fill(action.name).toLowerCase());
    else effects.added.push(`Expires: ${this.#expiry(action)}`);
  }

  #expiry({ file, moment, seconds }: ExpiresAction): string {
    const changed = file === undefined ? undefined : this.#around.look(this.#fill(file))?.modifiedMs;
    const since = file === undefined ? Number(this.#fill(moment)) : Math.floor((changed ?? 0) / 1000);
    const date = new Date((since + Number(this.#fill(seconds))) * 1000);
    // Far beyond what HTTP can say, or no number at all: what has expired already.
    return (Number.isNaN(date.getTime()) ? new Date(0) : date).toUTCString();
  }

  #authenticate({ realm, users, isLast }: Extract<Action, { kind: 'authenticate' }>): Step {
    const { variables } = this.#case;
    const credentials = readCredentials(variables.get('HTTP_AUTHORIZATION'));
    if (credentials !== undefined && this.#around.isKnown(users, credentials)) {
      variables.set('REMOTE_USER', credentials.name);
      return NEXT;
    }
    if (credentials !== undefined && !isLast) return NEXT;
    return answer(UNAUTHORISED, [`WWW-Authenticate: Basic realm="${realm}"`], 'Unauthorized');
  }

  #answer(action: Extract<Action, { kind: 'redirect' | 'return' | 'break' | 'file' }>): Step {
    switch (action.kind) {
      case 'redirect': {
        const reason = action.status === 301 ? 'Moved Permanently' : 'Found';
        const body = action.status === 301 ? reason : 'Moved';
        return answer(`${action.status} ${reason}`, [`Location: ${escaped(this.#fill(action.location))}`], body);
      }
      case 'return': {
        const reason = STATUS_CODES[action.status] ?? '';
        return answer(`${action.status} ${reason}`, ['Content-Type: text/plain', `Content-Length: ${reason.length}`], reason);
      }
      case 'break':
        if (action.status === '') return { then: 'answer', answer: { kind: 'none' } };
        return answer(withReason(action.status), ['Content-Type: text/plain'], '');
      case 'file': {
        const path = this.#fill(action.path);
        if (this.#around.look(path)?.isFile === true) return { then: 'answer', answer: { kind: 'file', path } };
        if (action.isOptional) return NEXT;
        // A response that is there already does, as it is.
        return this.#case.status === undefined ? { then: 'answer', answer: { kind: 'missing-file', path } } : END;
      }
    }
  }

  #fill(template: Template): string {
    return fill(template, this.filling);
  }
}

function answer(status: string, fields: readonly string[], body: string): Step {
  return { then: 'answer', answer: { kind: 'page', status, fields, body } };
}

/** What a request brings cannot make a header of its own. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]+/g, ' ');
}

/** As it is in the address bar: line breaks and what else cannot stand in a URL are escaped. */
function escaped(location: string): string {
  return location.replaceAll(/[\0-\x20\x7f]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
