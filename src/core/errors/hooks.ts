import { TsuwsgiError } from './error.ts';

/** Something that was to be done at a moment of the server's life cannot be done: `hook-as-root = mkdir:/run/app`, `exec-asap = false`. */
export class HookError extends TsuwsgiError {
  readonly code = 'TSU_HOOK';

  /** @param hook as the user wrote it, with its option */
  constructor(hook: string, cause: Error) {
    super(`${hook}: ${cause.message}`, { cause });
  }
}
