/** Shows on a terminal that something is being waited for, until the promise is settled; elsewhere says nothing. */
export async function showWhile<Result>(text: string, awaited: Promise<Result>): Promise<Result> {
  // A terminal without columns (a pseudo-terminal of a script) cannot show a spinner either; ora would draw for ever.
  if (!process.stderr.isTTY || process.stderr.columns === 0) return awaited;
  // Loaded late: only who waits at a terminal needs it.
  const { oraPromise } = await import('ora');
  return oraPromise(awaited, { text, stream: process.stderr });
}
