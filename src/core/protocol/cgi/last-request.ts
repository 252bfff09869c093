import type { EnvironWriter } from '../environ.ts';
import type { RequestHead } from '../request-reader.ts';
import type { CgiAsked } from './response.ts';
import type { CgiTerms } from './terms.ts';
import type { CgiHead, Variable } from './variables.ts';

/** The variables of a request, and the bytes that they are in. */
interface Found {
  readonly bytes: Buffer;
  readonly variables: readonly Variable[];
  readonly head: CgiHead;
}

/** What the reader of a connection knows of the last request on it, whose variables came as CGI has them. */
export class LastRequest {
  readonly #terms: CgiTerms;
  #found: Found | undefined;

  constructor(terms: CgiTerms) {
    this.#terms = terms;
  }

  /** @throws ProtocolError where the variables make no request */
  take(bytes: Buffer, variables: readonly Variable[]): RequestHead {
    const head = this.#terms.variables.head(bytes, variables);
    this.#found = { bytes, variables, head };
    return { isPersistent: false, body: { kind: 'length', length: head.contentLength ?? 0 }, expectsContinue: false };
  }

  writeEnviron(environ: EnvironWriter): void {
    if (this.#found) this.#terms.variables.write(environ, this.#found.bytes, this.#found.variables);
  }

  /** @param otherwise the version to answer what was no request with */
  asked(form: CgiAsked['form'], otherwise: string): CgiAsked {
    const { isHead = false, serverProtocol = otherwise } = this.#found?.head ?? {};
    return { form, isHead, serverProtocol };
  }

  /** "GET /path"; empty where there is none. */
  describe(): string {
    return this.#found?.head.description ?? '';
  }
}
