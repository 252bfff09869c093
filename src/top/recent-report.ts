import type { FailedRequest, Recent, ServerEvent, SlowRequest } from '../core/stats/recent.ts';
import { fromClient, harmless } from './cells.ts';
import { type Line, span } from './line.ts';
import { duration } from './units.ts';

/** What happened lately, the newest last, as long as it is. */
export function drawRecent({ errors, slow, events, untold = 0 }: Recent): readonly Line[] {
  const more: Line[] = untold === 0 ? [] : [[span(` ${untold} more came too many at once to be kept; the log has them`, 'warning')]];
  return [
    ...part('errors', [...more, ...errors.toReversed().flatMap(describeError)]),
    [],
    ...part('slow requests', slow.toReversed().flatMap(describeSlow)),
    [],
    ...part('events', events.toReversed().map(describeEvent)),
  ];
}

function part(title: string, lines: readonly Line[]): readonly Line[] {
  return [[span(title, 'strong')], ...(lines.length === 0 ? [[span(' none', 'faint')]] : lines)];
}

function describeError(request: FailedRequest): readonly Line[] {
  return [[...nameOf(request), span(`  ${harmless(request.error)}`, 'bad')], ...indented(request.traceback)];
}

function describeSlow(request: SlowRequest): readonly Line[] {
  return [[...nameOf(request), span(`  ${duration(request.ranMs * 1000)}`, 'warning')], ...indented(request.stack)];
}

function describeEvent({ at, text }: ServerEvent): Line {
  return [span(` ${timeOf(at)}  ${harmless(text)}`)];
}

function nameOf({ at, worker, core, application, method, uri }: FailedRequest | SlowRequest): Line {
  const where = application === '' ? '' : ` of ${harmless(application)}`;
  return [span(` ${timeOf(at)}  core ${worker}:${core}${where}  ${fromClient(method)} ${fromClient(uri)}`)];
}

/** Each line of a text that an application made. */
function indented(text: string): readonly Line[] {
  const lines = text.trimEnd() === '' ? [] : text.trimEnd().split('\n');
  return lines.map((line) => [span(`     ${harmless(line)}`, 'faint')]);
}

/** `2026-11-21 14:03:22`, by the clock of this place. */
function timeOf(epoch: number): string {
  const date = new Date(epoch * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${date.toTimeString().slice(0, '00:00:00'.length)}`;
}
