import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ZONES = '/usr/share/zoneinfo';
/** The names of a rule such as `CET-1CEST,M3.5.0,M10.5.0/3` or `<+0330>-3:30` (POSIX, "TZ"); signs are the other way round there. */
const RULE = /^(?<standard><[^>]+>|[A-Za-z]{3,})(?<offset>[+-]?\d+(?::\d+){0,2})(?<summer><[^>]+>|[A-Za-z]{3,})?/;

/** Of the zones that were asked for: a date is part of many lines. */
const rules = new Map<string, string>();

/** What this machine calls its time at that moment, "CET" or "CEST"; undefined where nothing tells it. Node knows only English names. */
export function timeZoneName(date: Date): string | undefined {
  const found = RULE.exec(ruleOf((process.env['TZ'] ?? '').replace(/^:/, '')))?.groups;
  if (found === undefined) return undefined;
  const { standard = '', offset = '', summer = standard } = found;
  return (date.getTimezoneOffset() === minutes(offset) ? standard : summer).replace(/^<|>$/g, '');
}

function ruleOf(zone: string): string {
  const known = rules.get(zone);
  if (known !== undefined) return known;
  const rule = readRule(zone === '' ? '/etc/localtime' : join(ZONES, zone));
  rules.set(zone, rule);
  return rule;
}

/** The last line of a zone's file is the rule for all times to come (RFC 9636, 3.3). */
function readRule(path: string): string {
  try {
    return readFileSync(path, 'latin1').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    // Not known, or a rule itself, which Node does not know either: it counts in UTC then.
    return 'UTC0';
  }
}

function minutes(offset: string): number {
  const [hours = '0', rest = '0'] = offset.replace(/^[+-]/, '').split(':');
  return (offset.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(rest));
}
