/** An answer of HTTP that came whole. */
export interface HttpAnswer {
  /** NaN where there is none. */
  readonly status: number;
  /** The status in words, and what a page for people says of it. */
  readonly reason: string;
  readonly body: string;
}

/** So much is shown of what somebody else says. */
const EXCERPT = 200;

export function httpAnswer(answer: string): HttpAnswer {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const [line = ''] = head.split('\r\n');
  const words = line.slice(line.indexOf(' ') + 1);
  const isText = /^content-type: *text\/plain\b/im.test(head);
  return { status: Number.parseInt(words, 10), reason: harmless(isText ? `${words}: ${body.trim()}` : words), body };
}

/** It is shown at a terminal. */
function harmless(text: string): string {
  return text.slice(0, EXCERPT).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
