import type { EnvironWriter } from '../protocol/environ.ts';
import type { Destination } from './destination.ts';
import type { Door } from './door.ts';

/**
 * Where a request that has come by a door goes; its environ is in the door's writer afterwards.
 *
 * @param write gives the environ as the client sent it
 */
export function receive({ environ, workers, receivers }: Door, write: (to: EnvironWriter) => void): Destination {
  if (receivers) return receivers.receive(environ, write);
  environ.begin();
  write(environ);
  return workers;
}
