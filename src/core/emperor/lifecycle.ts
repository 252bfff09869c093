/**
 * The life of a vassal, as a pure function: no process is touched here.
 *
 *                 ┌──────── pause over, changed ────────┐
 *                 ▼                                     │
 *     (file) ─▶ starting ──ready──▶ serving ──exit──▶ waiting       changed while serving: it is told to reload
 *                 │ exit ───────────────┼───────────────▶┘
 *                 │ changed             │ handed over, hang
 *                 └──▶ restarting ◀─────┘        restarting ──exit──▶ starting
 *
 *     and from each of them, when its file is removed, ──▶ stopping ──exit──▶ gone
 *
 * An event that means nothing in a state changes nothing.
 */
export type State = 'starting' | 'serving' | 'restarting' | 'waiting' | 'stopping' | 'gone';

export type Event =
  | 'ready'
  /** The file was edited or touched, or somebody asks for a reload. */
  | 'changed'
  /** The file belongs to somebody else now. */
  | 'handed-over'
  /** It is there again. */
  | 'appeared'
  | 'removed'
  /** The emperor does not wait for what runs. */
  | 'stop-now'
  /** Its heartbeats have ceased. */
  | 'hang'
  /** It takes too long to stop. */
  | 'deadline'
  /** It has waited long enough. */
  | 'retry'
  | 'exit';

/** What the emperor has to do. */
export type Effect =
  | 'start'
  | 'order-reload'
  | 'order-stop'
  | 'order-stop-now'
  | 'start-deadline'
  | 'kill'
  | 'wait'
  /** Forget how often it died. */
  | 'forgive';

interface Transition {
  readonly to: State;
  readonly effects: readonly Effect[];
}

type Table = Readonly<Record<State, Readonly<Partial<Record<Event, Transition>>>>>;

const STOP: Transition = { to: 'stopping', effects: ['order-stop', 'start-deadline'] };
const STOP_NOW: Transition = { to: 'stopping', effects: ['order-stop-now', 'start-deadline'] };
const DIED: Transition = { to: 'waiting', effects: ['wait'] };
const GONE: Transition = { to: 'gone', effects: [] };
const RESTART: Transition = { to: 'restarting', effects: ['forgive', 'order-stop-now', 'start-deadline'] };

const TABLE: Table = {
  // What it has read of its file may be half of the old one and half of the new one.
  starting: {
    ready: { to: 'serving', effects: [] },
    changed: RESTART,
    'handed-over': RESTART,
    removed: STOP,
    'stop-now': STOP_NOW,
    exit: DIED,
  },
  serving: {
    changed: { to: 'serving', effects: ['order-reload'] },
    'handed-over': { to: 'restarting', effects: ['order-stop', 'start-deadline'] },
    removed: STOP,
    'stop-now': STOP_NOW,
    hang: { to: 'restarting', effects: ['kill'] },
    exit: DIED,
  },
  restarting: {
    removed: { to: 'stopping', effects: [] },
    'stop-now': STOP_NOW,
    deadline: { to: 'restarting', effects: ['kill'] },
    exit: { to: 'starting', effects: ['start'] },
  },
  waiting: {
    changed: { to: 'starting', effects: ['forgive', 'start'] },
    'handed-over': { to: 'starting', effects: ['forgive', 'start'] },
    retry: { to: 'starting', effects: ['start'] },
    removed: GONE,
    'stop-now': GONE,
  },
  stopping: {
    appeared: { to: 'restarting', effects: ['forgive'] },
    'stop-now': STOP_NOW,
    deadline: { to: 'stopping', effects: ['kill'] },
    exit: GONE,
  },
  gone: {},
};

/** The next state and what it asks for. */
export function advance(state: State, event: Event): Transition {
  return TABLE[state][event] ?? { to: state, effects: [] };
}
