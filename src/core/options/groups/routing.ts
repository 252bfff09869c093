import { collections, headerLines, headerNames, type Option, paths, rules } from '../define.ts';
import { cautionHeader } from '../header.ts';

/** What a rule looks at, by the end of its option's name: what is said of it, and what comes before its action. */
const SUBJECTS = {
  '': ['whose path (PATH_INFO) matches', 'REGEX '],
  '-uri': ['whose REQUEST_URI, with its query, matches', 'REGEX '],
  '-host': ['whose Host matches', 'REGEX '],
  '-qs': ['whose query matches', 'REGEX '],
  '-remote-addr': ['whose client has an address that matches', 'REGEX '],
  '-user-agent': ['whose User-Agent matches', 'REGEX '],
  '-remote-user': ['whose user has a name that matches', 'REGEX '],
  '-referer': ['whose Referer matches', 'REGEX '],
  '-if': ['for which the condition holds', 'CONDITION:TEXT '],
  '-if-not': ['for which the condition does not hold', 'CONDITION:TEXT '],
  '-run': ['of any kind', ''],
} as const;

type RuleOptions<Prefix extends string> = Record<`${Prefix}route${keyof typeof SUBJECTS | '-label'}`, Option<readonly string[]>>;

/** The options of one chain of rules. @param which what the rules look at: "requests" */
function chain<Prefix extends string>(prefix: Prefix, which: string, note?: string): RuleOptions<Prefix> {
  const about = note === undefined ? {} : { note };
  const named = Object.entries(SUBJECTS).map(([subject, [help, first]]) => {
    const name = `${prefix}route${subject}`;
    return [name, rules(name, { metavar: `${first}ACTION:ARGUMENT`, help: `do this with ${which} ${help}`, ...about })];
  });
  const label = `${prefix}route-label`;
  // Object.fromEntries forgets the names, which are those of the type.
  return Object.fromEntries([
    ...named,
    [label, rules(label, { metavar: 'NAME', help: 'a place that goto jumps to' })],
  ]) as RuleOptions<Prefix>;
}

const status = <Name extends string>(name: Name, help: string): Record<Name, Option<readonly string[]>> =>
  ({ [name]: rules(name, { metavar: 'STATUS ACTION:ARGUMENT', help }) }) as Record<Name, Option<readonly string[]>>;

/** Rules for requests and responses, and headers. See docs/routing.md. */
export const routing = {
  ...chain('', 'requests'),
  ...chain('error-', 'responses to requests', 'Before the rules of response-route; not only for errors.'),
  ...status('error-route-status', 'do this with responses of this status'),
  ...chain('response-', 'responses to requests'),
  ...status('response-route-status', 'do this with responses of this status'),
  ...chain('final-', 'requests that have their response,', 'Only log, addvar, goto, continue and last.'),
  ...status('final-route-status', 'do this after responses of this status'),

  'add-header': headerLines({ caution: cautionHeader, help: 'add this header to each response' }),
  'rem-header': headerNames({ aliases: ['del-header'], help: "take this header out of the application's responses" }),
  'collect-header': collections({
    aliases: ['response-header-collect'],
    help: "give the value of a response's header to a variable, for the rules that look at responses",
  }),
  'pull-header': collections({ help: 'the same, and take the header out of the response' }),

  'error-page-403': paths({
    support: 'accepted',
    help: "the page of the server's own 403",
    note: 'It has none: rules answer 403 as they are written.',
  }),
  'error-page-404': paths({
    help: "the page of the server's own 404: a file that a rule names and that is missing, a path outside all mounts",
  }),
  'error-page-500': paths({ help: "the page of the server's own 500, for an application that fails before its response, or is not there" }),
};
