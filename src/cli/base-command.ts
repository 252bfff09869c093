import { Command } from '@oclif/core/command';
import { TsuwsgiError } from '../core/errors/error.ts';
import { printError } from './print-error.ts';

/** What all commands share: errors that were foreseen are shown short and set the exit status, all others are left to oclif. */
export abstract class BaseCommand extends Command {
  protected override async catch(error: Error): Promise<void> {
    if (!isForOclif(error)) this.exit(printError(error));
    await super.catch(error);
  }
}

/** oclif's own errors carry its field: a mistyped flag, or `this.exit`. */
function isForOclif(error: Error): boolean {
  return !(error instanceof TsuwsgiError) && 'oclif' in error;
}
