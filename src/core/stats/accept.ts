import { weightsOf } from '../util/weights.ts';

/**
 * Whether this is a browser that wants to show a page. Programs that read the statistics at `/` name JSON, anything, or nothing.
 *
 * @param accept the header Accept
 */
export function prefersHtml(accept = ''): boolean {
  const weights = weightsOf(accept);
  // Whoever takes anything (*/*) has not asked for a page.
  const html = weights.get('text/html') ?? 0;
  return html > 0 && html >= (weights.get('application/json') ?? 0);
}
