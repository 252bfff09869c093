import { TsuwsgiError } from './error.ts';

/** A request names an application that is not served. */
export class NamedApplicationError extends TsuwsgiError {
  readonly code = 'TSU_NAMED_APPLICATION';

  static missing(variable: string, path: string): NamedApplicationError {
    return new NamedApplicationError(`${variable}: there is no ${path}, or this user may not see it`, {
      suggestions: [`correct ${variable} where the web server sets it`],
    });
  }

  static noFolder(variable: string, path: string): NamedApplicationError {
    return new NamedApplicationError(`${variable}: ${path} is no folder`, {
      suggestions: [`correct ${variable} where the web server sets it`],
    });
  }

  static outside(variable: string, path: string): NamedApplicationError {
    return new NamedApplicationError(`${variable}: ${path} is outside the folders of dynamic-root`, {
      suggestions: ['allow its folder: dynamic-root = /folder'],
    });
  }

  static notAllowed(): NamedApplicationError {
    return new NamedApplicationError('requests may not name applications any more', { suggestions: ['allow it: vhost = true'] });
  }

  static tooMany(most: number): NamedApplicationError {
    return new NamedApplicationError(`${most} applications that requests have named are awake already, as many as max-apps allows`, {
      suggestions: ['raise max-apps, or let those sleep that nobody asks for: idle = 300'],
    });
  }
}
