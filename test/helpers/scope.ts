/** Whoever opens things through the helpers: a test, or a bench. What they open is closed when it ends. */
export interface Scope {
  after(task: () => Promise<void>): void;
  readonly name: string;
  /** Known once a test is over; Node's own types do not name it yet. */
  readonly passed?: boolean;
}

type Task = () => Promise<void> | void;

const tasks = new WeakMap<Scope, Task[]>();

/** Runs the task when the scope ends: the last one given comes first, and each one runs even when another fails. */
export function onEnd(scope: Scope, task: Task): void {
  const known = tasks.get(scope);
  if (known) {
    known.push(task);
    return;
  }
  const mine = [task];
  tasks.set(scope, mine);
  scope.after(() => runBackwards(mine));
}

async function runBackwards(list: Task[]): Promise<void> {
  const problems: unknown[] = [];
  for (let task = list.pop(); task; task = list.pop()) {
    try {
      await task();
    } catch (problem) {
      problems.push(problem);
    }
  }
  if (problems.length === 1) throw problems[0];
  if (problems.length > 1) throw new AggregateError(problems, problems.map(String).join('\n'));
}

/** A scope that is no test: `end` closes what was opened in it. */
export class OwnScope implements Scope {
  readonly name: string;
  readonly #tasks: (() => Promise<void>)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  after(task: () => Promise<void>): void {
    this.#tasks.push(task);
  }

  async end(): Promise<void> {
    for (const task of this.#tasks.splice(0)) await task();
  }
}

/** Does something in a scope of its own, and closes whatever it has opened. */
export async function inOwnScope<Result>(name: string, action: (scope: Scope) => Promise<Result>): Promise<Result> {
  const scope = new OwnScope(name);
  try {
    return await action(scope);
  } finally {
    await scope.end();
  }
}
