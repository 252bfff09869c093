import { BodyStore } from '../../../src/core/gateway/body-store.ts';
import type { SharedBodies } from '../../../src/core/gateway/shared-bodies.ts';

const MEGABYTE = 1024 * 1024;

type Settings = ConstructorParameters<typeof BodyStore>[0];

/** A store with room, and what it has told of responses that it could not keep. */
export function fakeStore(settings: Partial<Settings> = {}, descriptors = 100, shared?: SharedBodies) {
  const told: string[] = [];
  const generous = { bodyMemory: 2000, bodyDirectory: undefined, responseKept: 64 * MEGABYTE, responsesKept: 64 * MEGABYTE };
  const store = new BodyStore({ ...generous, ...settings }, descriptors, {
    tell: (line) => void told.push(line),
    ...(shared && { shared }),
  });
  return { store, told };
}
