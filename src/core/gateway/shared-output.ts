/**
 * Imported before all else. Node has a pipe or a socket not wait from the moment at which somebody first looks at `process.stderr`, which its own modules
 * do. That counts for everybody who writes to it, and an application's `print` fails where it should wait for room.
 */

/** As Node has it for a pipe, a socket or a terminal, though not in its types. */
interface Stream {
  readonly _handle?: { setBlocking(isBlocking: boolean): void };
}

(process.stderr as Stream)._handle?.setBlocking(true);
