/**
 * The life of one worker process, as a pure function: no process is touched here.
 *
 *     starting ──ready──▶ waiting ──serve──▶ serving ──retire──▶ draining ──exit──▶ gone
 *         │ retire, stop     │ retire, stop     │ stop              │ stop
 *         └──────────────────┴──────────────────┴───────────────────┴──▶ stopping ──exit──▶ gone
 *
 *     and from each of them, at a hang or a deadline, ──▶ killed ──exit──▶ gone
 *
 * A worker may exit in any state; that is never an error here. An event that means nothing in a state changes
 * nothing: signals, timers and messages come late.
 */
export type State = 'starting' | 'waiting' | 'serving' | 'draining' | 'stopping' | 'killed' | 'gone';

export type Event = 'ready' | 'serve' | 'retire' | 'stop' | 'hang' | 'deadline' | 'exit';

/** What the pool has to do. */
export type Effect = 'send-serve' | 'send-retire' | 'send-stop' | 'send-kill' | 'start-deadline';

interface Transition {
  readonly to: State;
  readonly effects: readonly Effect[];
}

type Table = Readonly<Record<State, Readonly<Partial<Record<Event, Transition>>>>>;

const STOP: Transition = { to: 'stopping', effects: ['send-stop', 'start-deadline'] };
const KILL: Transition = { to: 'killed', effects: ['send-kill'] };
const GONE: Transition = { to: 'gone', effects: [] };

const TABLE: Table = {
  // A deadline runs from the fork on: a worker that hangs before it is ready is found, too.
  starting: { ready: { to: 'waiting', effects: [] }, retire: STOP, stop: STOP, hang: KILL, deadline: KILL, exit: GONE },
  waiting: { serve: { to: 'serving', effects: ['send-serve'] }, retire: STOP, stop: STOP, hang: KILL, exit: GONE },
  serving: { retire: { to: 'draining', effects: ['send-retire', 'start-deadline'] }, stop: STOP, hang: KILL, exit: GONE },
  draining: { stop: STOP, hang: KILL, deadline: KILL, exit: GONE },
  stopping: { hang: KILL, deadline: KILL, exit: GONE },
  killed: { exit: GONE },
  gone: {},
};

/** The next state and what it asks for. */
export function advance(state: State, event: Event): Transition {
  return TABLE[state][event] ?? { to: state, effects: [] };
}
