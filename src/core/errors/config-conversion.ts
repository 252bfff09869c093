import { TsuwsgiError } from './error.ts';

/** A key or a value that another format of config files has no way to write: a line break in INI, a control character in XML. */
export class ConfigConversionError extends TsuwsgiError {
  readonly code = 'TSU_CONFIG_CONVERSION';
  readonly key: string;
  /** Where the key stands in the file that is converted. */
  readonly line: number;

  constructor({ key, line }: { readonly key: string; readonly line: number }, reason: string, suggestions: readonly string[]) {
    super(`"${key}" in line ${line} cannot be converted: ${reason}`, { suggestions });
    this.key = key;
    this.line = line;
  }
}
