import { after, before } from 'node:test';
import { OwnScope, type Scope } from './scope.ts';

/**
 * What the tests of a `describe` share: it is there from before the first of them until behind the last.
 * A server takes half a second to start, so those that a test does not leave as they were are the ones to have for oneself.
 */
export function shared<Thing>(open: (scope: Scope) => Promise<Thing>): () => Thing {
  const scope = new OwnScope('what tests share');
  let thing: Thing;
  before(async () => {
    thing = await open(scope);
  });
  after(() => scope.end());
  return () => thing;
}
