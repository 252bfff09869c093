import type { GatewaySettings } from '../../plan/gateway-plan.ts';
import { type Effects, noEffects, type Surroundings } from '../../routing/case.ts';
import { Evaluator } from '../../routing/evaluate.ts';
import { muteRequest } from '../../wire/messages.ts';
import { AnswerLog } from '../answer-log.ts';
import type { Exchange } from '../exchange.ts';
import { FileAnswers, type FileAnswerLogs } from '../files/file-answers.ts';
import type { Receiver } from '../receiver-chain.ts';
import type { RequestVariables } from '../request-variables.ts';
import { AnswerDestination, type AnswerPorts } from './answer-destination.ts';
import { look } from './look.ts';
import { PasswordFiles } from './password-files.ts';
import { PreparedDestination } from './prepared-destination.ts';
import { type ResponseRules, RoutedResponse } from './routed-response.ts';

/** Follows the rules of the plan, for requests on their way in and for responses on their way out. */
export class Router {
  readonly #settings: GatewaySettings;
  readonly #logs: FileAnswerLogs;
  readonly #around: Surroundings;

  constructor(settings: GatewaySettings, logs: FileAnswerLogs) {
    const passwords = new PasswordFiles(logs.log);
    this.#settings = settings;
    this.#logs = logs;
    this.#around = {
      look,
      now: () => Date.now(),
      isKnown: (users, credentials) => passwords.isKnown(users, credentials),
      log: (line) => logs.log(Buffer.from(line.replaceAll('\n', '\\n'), 'latin1').toString('utf8')),
    };
  }

  get requestReceivers(): readonly Receiver[] {
    const { rules } = this.#settings.routing;
    if (rules.request.length === 0) return [];
    const evaluator = new Evaluator(rules.request, this.#around);
    const ports = this.#answerPorts(this.#logs);
    return [
      (variables, next) => {
        const effects = noEffects();
        const answer = evaluator.run({ variables, status: undefined, effects });
        const destination = answer ? new AnswerDestination(answer, variables, ports) : next();
        if (isNothing(effects)) return destination;
        return new PreparedDestination(destination, (exchange) => this.#apply(effects, exchange, variables));
      },
    ];
  }

  get responseReceivers(): readonly Receiver[] {
    const { rules, collected } = this.#settings.routing;
    if (collected.length + rules.error.length + rules.response.length + rules.final.length === 0) return [];
    const all: ResponseRules = {
      before: [new Evaluator(rules.error, this.#around), new Evaluator(rules.response, this.#around)],
      after: new Evaluator(rules.final, this.#around),
      collected,
      // The worker tells the log of the request.
      ports: this.#answerPorts({ log: this.#logs.log, answers: new AnswerLog(this.#logs.log, () => undefined) }),
    };
    return [
      (variables, next) =>
        new PreparedDestination(next(), (exchange) => {
          exchange.editor = new RoutedResponse(all, variables, this.#settings.headers.added);
        }),
    ];
  }

  /** Lets a response have what the rules for its request want of it. */
  #apply(effects: Effects, exchange: Exchange, variables: RequestVariables): void {
    if (effects.isUnlogged) muteRequest(exchange.frame);
    const { editor } = exchange;
    const routed = editor instanceof RoutedResponse ? editor : new RoutedResponse(undefined, variables, this.#settings.headers.added);
    routed.adopt(effects);
    exchange.editor = routed;
  }

  #answerPorts(logs: FileAnswerLogs): AnswerPorts {
    const { files, headers, errorPages } = this.#settings;
    const answers = { files: new FileAnswers(files, headers, logs), answers: logs.answers };
    return { ...answers, addedFields: headers.added, missingPages: errorPages['404'] };
  }
}

function isNothing({ added, removed, isUnlogged }: Effects): boolean {
  return added.length === 0 && removed.length === 0 && !isUnlogged;
}
