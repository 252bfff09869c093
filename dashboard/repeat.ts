/** Does something every so often, never twice at a time, and not while nobody can see it. Begins at once. */
export async function repeat(everyMs: number, action: () => Promise<void>): Promise<never> {
  for (;;) {
    await seen();
    await action();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Settled when the tab is in front. */
function seen(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', function look() {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      resolve();
    });
  });
}
