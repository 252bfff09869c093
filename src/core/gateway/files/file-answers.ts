import { randomBytes } from 'node:crypto';
import { ExpiryRules, GzipRules } from './file-rules.ts';
import type { FileSettings } from '../../plan/file-settings.ts';
import type { HeaderChanges } from '../../plan/routing-settings.ts';
import { type FileQuestion, fileResponse, type FileResponse, handedOver, type Representation } from '../../protocol/http/file-response.ts';
import { acceptsGzip } from '../../protocol/http/accept-encoding.ts';
import { type AnswerLog, loggedRequest } from '../answer-log.ts';
import type { Exchange } from '../exchange.ts';
import { fieldLines } from '../response-head.ts';
import type { RequestVariables } from '../request-variables.ts';
import { FileSearch, type Candidate } from './file-search.ts';
import { FileSender } from './file-sender.ts';
import type { FoundFile } from './found-file.ts';
import { MimeTypes } from './mime-types.ts';

/** Whom file answers tell of what they do. */
export interface FileAnswerLogs {
  readonly log: (line: string) => void;
  readonly answers: AnswerLog;
}

/** A file, and its request. */
interface Serving {
  readonly file: FoundFile;
  readonly variables: RequestVariables;
}

/** Answers requests with files: which one, in which form, and all of its way to the client. */
export class FileAnswers {
  readonly #settings: FileSettings;
  readonly #logs: FileAnswerLogs;
  /** Of every response. */
  readonly #addedFields: string;
  readonly #search: FileSearch;
  readonly #types: MimeTypes;
  readonly #expiries: ExpiryRules;
  readonly #gzip: GzipRules;

  constructor(settings: FileSettings, headers: HeaderChanges, logs: FileAnswerLogs) {
    this.#settings = settings;
    this.#logs = logs;
    this.#addedFields = fieldLines(headers.added);
    this.#search = new FileSearch(settings, logs.log);
    this.#types = new MimeTypes(settings.mimeFiles, logs.log);
    this.#expiries = new ExpiryRules(settings.expiries);
    this.#gzip = new GzipRules(settings.gzip);
  }

  /**
   * Answers with the first of these candidates that is a file. False where there is none: nothing was answered, and the exchange is as it
   * was. True as soon as there is one, also where its client has left before the end.
   *
   * @param variables of a GET or HEAD
   */
  async answer(exchange: Exchange, candidates: readonly Candidate[], variables: RequestVariables): Promise<boolean> {
    const hit = await this.#search.first(candidates);
    if (!hit) return false;
    const plain = hit.file;
    let twin: FoundFile | undefined;
    try {
      const varies = this.#gzip.match(plain.path);
      if (varies && acceptsGzip(variables.get('HTTP_ACCEPT_ENCODING'))) twin = await this.#search.twin(hit);
      const file = twin ?? plain;
      const representation = await this.#represent(file, { varies, isGzip: twin !== undefined, plain, variables });
      const response = this.#respond(file, representation, variables);
      await this.#send(exchange, { file, variables }, { ...response, head: response.head + this.#addedFields });
    } finally {
      await plain.handle.close();
      await twin?.handle.close();
    }
    return true;
  }

  async #represent(
    { size, modifiedMs }: FoundFile,
    of: { varies: boolean; isGzip: boolean; plain: FoundFile; variables: RequestVariables },
  ): Promise<Representation> {
    const { varies, isGzip, plain, variables } = of;
    const type = await this.#types.typeOf(plain.path);
    const expiresMs = this.#expiries.expiryOf(
      { file: plain.path, 'path-info': variables.get('PATH_INFO'), uri: variables.get('REQUEST_URI'), type: type ?? '' },
      { now: Date.now(), modified: modifiedMs },
    );
    return { size, modifiedMs, type, isGzip, varies, expiresMs };
  }

  #respond({ path }: FoundFile, representation: Representation, variables: RequestVariables): FileResponse {
    const { handedOverBy } = this.#settings;
    const question = questionOf(variables);
    const response = fileResponse(question, representation, randomBytes(12).toString('hex'));
    const isWhole = response.status === 200 || response.status === 206;
    if (isWhole && handedOverBy !== undefined) return handedOver(representation, [handedOverBy, path]);
    return question.isHead ? { ...response, parts: [], after: '' } : response;
  }

  async #send(exchange: Exchange, { file, variables }: Serving, response: FileResponse): Promise<void> {
    const sender = new FileSender(exchange, file.handle);
    try {
      await sender.respond(response);
    } catch (error) {
      const reason = `${file.path}: ${(error as Error).message}`;
      // The page that says so is counted and in the log.
      if (exchange.state !== 'answering') return exchange.fail(500, reason);
      this.#logs.log(`[gateway] ${reason}`);
      // The client must see that this is not all.
      exchange.respondEnd('aborted');
    }
    const { status, head, parts } = response;
    const via = parts.length > 0 && sender.sent > 0 ? 'sendfile' : '';
    this.#logs.answers.add(loggedRequest(variables, exchange), exchange, { by: 'file', status, head, bodySize: sender.sent, via });
  }
}

function questionOf(variables: RequestVariables): FileQuestion {
  return {
    isHead: variables.get('REQUEST_METHOD') === 'HEAD',
    range: variables.get('HTTP_RANGE'),
    ifMatch: variables.get('HTTP_IF_MATCH'),
    ifNoneMatch: variables.get('HTTP_IF_NONE_MATCH'),
    ifModifiedSince: variables.get('HTTP_IF_MODIFIED_SINCE'),
    ifUnmodifiedSince: variables.get('HTTP_IF_UNMODIFIED_SINCE'),
    ifRange: variables.get('HTTP_IF_RANGE'),
  };
}
