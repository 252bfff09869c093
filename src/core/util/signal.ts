/**
 * Sends a signal, also when nobody is there any more: who is being ended may have just ended by itself, which is what we were after.
 *
 * @param target a pid; a negative one is the process group of that leader
 */
export function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // Gone, as said above.
  }
}
