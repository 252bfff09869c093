/** The requests that the pieces work on, and their answer. */
import { RequestHeadParser } from '../../src/core/protocol/http/request-head.ts';
import { marshalKey, MarshalWriter } from '../../src/core/wire/marshal.ts';
import { responseFrame } from '../../test/core/gateway/fake-slot.ts';
import { readMarshal } from '../../test/helpers/packets.ts';
import { uwsgiPacket } from '../../test/helpers/uwsgi-client.ts';

/** The largest head of an HTTP request, as by default. */
export const BUFFER_SIZE = 65_535;

/** What wrk sends: as little as there can be. */
export const SMALLEST = lines('GET / HTTP/1.1', 'Host: 127.0.0.1:8000');

/** What a browser sends. */
export const BROWSER = lines(
  'GET /articles/2024/a-page?utm_source=news&page=2 HTTP/1.1',
  'Host: www.example.org',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8',
  'Accept-Language: en-GB,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Referer: https://www.example.org/articles/',
  'Connection: keep-alive',
  'Cookie: sessionid=4f0c8e2b9d7a4c1e8b6f5a3d2c1b0a99; csrftoken=9tH2kQ7vX4mZ1pL8sD6fG3jN5bR0cW2y',
  'Upgrade-Insecure-Requests: 1',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: same-origin',
  'Priority: u=0, i',
);

/** What stands in front of each environ: the listener's and the client's. */
const CONSTANTS = { SCRIPT_NAME: '', SERVER_NAME: 'www.example.org', SERVER_PORT: '8000', REMOTE_ADDR: '192.0.2.7' } as const;

/** The same, ready for a writer. */
export const CONSTANT_PART = partOf(CONSTANTS);

/** The environ of the browser's request. */
export const ENVIRON: Readonly<Record<string, string>> = environOf(BROWSER);

/** The same from nginx, in a uwsgi packet. */
export const PACKET = uwsgiPacket({
  ...ENVIRON,
  CONTENT_TYPE: '',
  CONTENT_LENGTH: '',
  DOCUMENT_ROOT: '/usr/share/nginx/html',
  REQUEST_SCHEME: 'http',
  REMOTE_PORT: '40001',
});

/** What a slot sends when it says hello world. */
export const ANSWER = responseFrame(1, {
  fields: 'Content-Type: text/plain\r\nContent-Length: 12\r\n',
  body: 'Hello World!',
  length: 12,
});

function lines(...texts: readonly string[]): Buffer {
  return Buffer.from(`${texts.join('\r\n')}\r\n\r\n`, 'latin1');
}

function partOf(variables: Readonly<Record<string, string>>) {
  const environ = new MarshalWriter();
  environ.begin();
  for (const [name, value] of Object.entries(variables)) environ.text(marshalKey(name), value);
  return environ.takePart();
}

function environOf(request: Buffer): Readonly<Record<string, string>> {
  const environ = new MarshalWriter();
  const parser = new RequestHeadParser(BUFFER_SIZE, marshalKey);
  parser.parse(request, 0);
  environ.begin(CONSTANT_PART);
  parser.writeEnviron(environ);
  return readMarshal(environ.end());
}
