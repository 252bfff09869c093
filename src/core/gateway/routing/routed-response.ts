import type { Collected } from '../../plan/routing-settings.ts';
import { type Effects, noEffects } from '../../routing/case.ts';
import type { Evaluator } from '../../routing/evaluate.ts';
import type { ResponseMessage } from '../../wire/messages.ts';
import type { Exchange, ResponseEditor } from '../exchange.ts';
import type { RequestVariables } from '../request-variables.ts';
import { nameOf, readHead, type ResponseHead, valueOf, withHead } from '../response-head.ts';
import { AnswerDestination, type AnswerPorts } from './answer-destination.ts';

/** What is done with responses. */
export interface ResponseRules {
  /** One after the other, before the client has any of the response. */
  readonly before: readonly Evaluator[];
  /** When it has all of it. */
  readonly after: Evaluator;
  readonly collected: readonly Collected[];
  readonly ports: AnswerPorts;
}

/** One response on its way through the rules. */
export class RoutedResponse implements ResponseEditor {
  /** Undefined where only the rules for requests had something to say. */
  readonly #rules: ResponseRules | undefined;
  readonly #variables: RequestVariables;
  /** Fields of every response, `Name: value`: no rule takes them out again. */
  readonly #lasting: readonly string[];
  #effects: Effects = noEffects();
  #status = 0;
  /** The rules have looked at it; another answer that takes its place is theirs. */
  #isDecided = false;

  constructor(rules: ResponseRules | undefined, variables: RequestVariables, lasting: readonly string[]) {
    this.#rules = rules;
    this.#variables = variables;
    this.#lasting = lasting;
  }

  /** What the rules for its request want of it. */
  adopt(effects: Effects): void {
    this.#effects = effects;
  }

  edit(exchange: Exchange, message: ResponseMessage): ResponseMessage | undefined {
    this.#status = message.status;
    const head = readHead(message);
    const kept = this.#rules && !this.#isDecided ? this.#follow(this.#rules, exchange, head) : head.fields;
    if (kept === undefined) return undefined;
    const { added, removed } = this.#effects;
    const fields = [...kept.filter((field) => this.#lasting.includes(field) || !removed.includes(nameOf(field))), ...added];
    return added.length === 0 && fields.length === head.fields.length ? message : withHead(message, { ...head, fields });
  }

  ended(): void {
    this.#rules?.after.run({ variables: this.#variables, status: this.#status, effects: noEffects() });
  }

  /** The fields that are left of the head; undefined where the rules have another answer. */
  #follow({ before, collected, ports }: ResponseRules, exchange: Exchange, { fields }: ResponseHead): readonly string[] | undefined {
    this.#isDecided = true;
    this.#collect(collected, fields);
    for (const chain of before) {
      const answer = chain.run({ variables: this.#variables, status: this.#status, effects: this.#effects });
      if (!answer) continue;
      // It has only headers of its own, and those that are added to it.
      this.#effects = { ...this.#effects, removed: [] };
      new AnswerDestination(answer, this.#variables, ports).submit(exchange.giveWay());
      return undefined;
    }
    const taken = collected.filter(({ isTaken }) => isTaken).map(({ header }) => header);
    return fields.filter((field) => !taken.includes(nameOf(field)));
  }

  #collect(collected: readonly Collected[], fields: readonly string[]): void {
    for (const { header, variable } of collected) {
      // As in uWSGI, the last of several.
      for (const field of fields) if (nameOf(field) === header) this.#variables.set(variable, valueOf(field));
    }
  }
}
