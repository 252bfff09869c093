import { nearest } from '../errors/nearest.ts';
import { compileFormat, JSON_FORMAT, LOG_VARIABLES } from '../log/format.ts';

/**
 * Warns about a variable that stays open, and about names that look like a slip of the pen. Any other name may be one that the application
 * gives to uwsgi.set_logvar.
 */
export function cautionLogFormat(format: string): string | undefined {
  const parts = compileFormat(format);
  if (parts.some(({ kind, value }) => kind === 'text' && value.includes('%('))) {
    return `"${format}" has a "%(" that begins no variable: it is shown as it is`;
  }
  if (format !== JSON_FORMAT && parts.every(({ kind }) => kind === 'text'))
    return `"${format}" has no variable: all its lines will be the same`;
  for (const { kind, value } of parts) {
    const [meant] = kind === 'logvar' ? nearest(value, LOG_VARIABLES, 1) : [];
    if (meant !== undefined) return `%(${value}) shows what the application gives to uwsgi.set_logvar, or "-"; did you mean %(${meant})?`;
  }
  return undefined;
}
