import type { Destination } from './destination.ts';
import type { Receiver } from './receiver-chain.ts';
import type { RequestVariables } from './request-variables.ts';

/** `http-to-https`: the same address over HTTPS, at its usual port, as uWSGI has it. */
export const sendToHttps: Receiver = (variables) => {
  const location = locationOf(variables);
  return location === undefined ? answer(400) : answer(301, `Location: ${location}\r\n`);
};

/** Undefined for a client that does not say which host it means. */
function locationOf(variables: RequestVariables): string | undefined {
  const target = variables.get('REQUEST_URI');
  const [, named = variables.get('HTTP_HOST'), path = target] = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target) ?? [];
  const host = named.replace(/:\d*$/, '');
  return host === '' ? undefined : `https://${host}${path.startsWith('/') ? path : '/'}`;
}

function answer(status: number, fields = ''): Destination {
  return { isForWorkers: false, submit: (exchange) => exchange.dismiss(status, fields), abandon: () => undefined };
}
