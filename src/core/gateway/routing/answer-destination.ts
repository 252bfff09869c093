import { readFileSync } from 'node:fs';
import type { Answer } from '../../routing/answer.ts';
import { page } from '../../protocol/http/page.ts';
import type { ResponseStart } from '../../protocol/response.ts';
import { type AnswerLog, loggedRequest } from '../answer-log.ts';
import type { Destination } from '../destination.ts';
import type { Exchange } from '../exchange.ts';
import type { FileAnswers } from '../files/file-answers.ts';
import type { RequestVariables } from '../request-variables.ts';
import { fieldLines } from '../response-head.ts';

/** What answers are made with. */
export interface AnswerPorts {
  readonly files: FileAnswers;
  readonly answers: AnswerLog;
  /** `Name: value`, for every response. */
  readonly addedFields: readonly string[];
  /** Files with the page that says that a file is missing. */
  readonly missingPages: readonly string[];
}

/** Answers a request as the rules want it. */
export class AnswerDestination implements Destination {
  readonly isForWorkers = false;
  readonly #answer: Answer;
  readonly #variables: RequestVariables;
  readonly #ports: AnswerPorts;

  constructor(answer: Answer, variables: RequestVariables, ports: AnswerPorts) {
    this.#answer = answer;
    this.#variables = variables;
    this.#ports = ports;
  }

  submit(exchange: Exchange): void {
    const answer = this.#answer;
    exchange.hold();
    switch (answer.kind) {
      case 'page':
        this.#respond(exchange, pageOf(answer, this.#ports.addedFields));
        return;
      case 'file':
        this.#sendFile(exchange, answer.path);
        return;
      case 'missing-file':
        this.#miss(exchange);
        return;
      case 'none':
        this.#drop(exchange);
        return;
    }
  }

  abandon(exchange: Exchange): void {
    exchange.state = 'ended';
  }

  #sendFile(exchange: Exchange, path: string): void {
    const { files } = this.#ports;
    // The rule names the file, wherever that is.
    files.answer(exchange, [{ path, root: '/' }], this.#variables).then(
      (isAnswered) => {
        if (!isAnswered) this.#miss(exchange);
      },
      (error: unknown) => exchange.fail(500, (error as Error).message),
    );
  }

  #miss(exchange: Exchange): void {
    const { addedFields, missingPages } = this.#ports;
    const body = firstReadable(missingPages);
    if (body === undefined) this.#respond(exchange, page(404, fieldLines(addedFields)));
    else this.#respond(exchange, pageOf({ status: '404 Not Found', fields: ['Content-Type: text/html'], body }, addedFields));
  }

  #respond(exchange: Exchange, start: ResponseStart): void {
    // Its client left while we looked for a file.
    if (exchange.state === 'ended') return;
    const request = loggedRequest(this.#variables, exchange);
    exchange.respond({ ...start, isAborted: false });
    const { status, bytes, bodyStart, bodyEnd } = start;
    this.#ports.answers.add(request, exchange, {
      by: 'rule',
      status,
      head: bytes.toString('latin1', 0, bodyStart),
      bodySize: bodyEnd - bodyStart,
      via: '',
    });
  }

  #drop(exchange: Exchange): void {
    const request = loggedRequest(this.#variables, exchange);
    exchange.drop();
    // As in uWSGI, though nobody hears of it.
    this.#ports.answers.add(request, exchange, { by: 'rule', status: 500, head: '', bodySize: 0, via: '' });
  }
}

/** Latin-1. */
function firstReadable(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      // As in uWSGI the next one is tried.
    }
  }
  return undefined;
}

function pageOf({ status, fields, body }: Omit<Extract<Answer, { kind: 'page' }>, 'kind'>, added: readonly string[]): ResponseStart {
  const head = `${status}\r\n${fieldLines([...fields, ...added])}`;
  const bytes = Buffer.from(head + body, 'latin1');
  const declares = fields.some((field) => field.startsWith('Content-Length:'));
  return {
    status: Number(status.slice(0, 3)),
    contentLength: declares ? body.length : -1,
    bytes,
    headStart: 0,
    bodyStart: head.length,
    bodyEnd: bytes.length,
    isEnd: true,
  };
}
