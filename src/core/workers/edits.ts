/** What `py-autoreload` has noticed. Every worker looks, since each has imported other modules, so most edits are told several times. */
export class Edits {
  readonly #last = new Map<string, string>();

  /** Whether this is told for the first time: of the same file, an edit is known by its time. */
  isNews(file: string, time: string): boolean {
    if (this.#last.get(file) === time) return false;
    this.#last.set(file, time);
    return true;
  }
}
