import type { GatewayFigures } from '../plan/gateway-plan.ts';

/** Of a gateway that has done nothing yet. */
export const NO_FIGURES: GatewayFigures = {
  connections: 0,
  answers: { file: 0, rule: 0, other: 0 },
  responses: [],
  offloaded: 0,
  bytes: 0,
  refused: 0,
  waiting: [],
  waitedUs: 0,
};

/** What both have done. */
export function addFigures(one: GatewayFigures, other: GatewayFigures): GatewayFigures {
  return {
    connections: one.connections + other.connections,
    answers: {
      file: one.answers.file + other.answers.file,
      rule: one.answers.rule + other.answers.rule,
      other: one.answers.other + other.answers.other,
    },
    responses: addEach(one.responses, other.responses),
    offloaded: one.offloaded + other.offloaded,
    bytes: one.bytes + other.bytes,
    refused: one.refused + other.refused,
    waiting: addEach(one.waiting, other.waiting),
    waitedUs: one.waitedUs + other.waitedUs,
  };
}

function addEach(one: readonly number[], other: readonly number[]): readonly number[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => (one[index] ?? 0) + (other[index] ?? 0));
}
