import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { StatisticsReader } from '../../../src/core/operate/read-statistics.ts';
import { statisticsSource } from '../../../src/core/operate/statistics-source.ts';
import { onEnd } from '../../helpers/scope.ts';

const DOCUMENT = '{"version":"1","workers":[]}';
const RECENT = '{"errors":[],"slow":[],"events":[{"at":1,"text":"reloaded"}]}';

/** Somebody who has this to say to each client, and the address. */
async function answering(t: TestContext, answer: (client: Socket) => void): Promise<string> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on('error', () => undefined);
    answer(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(t, () => {
    for (const client of clients) client.destroy();
    server.close();
  });
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function reader(word: string, token?: string): StatisticsReader {
  return new StatisticsReader(statisticsSource(word), token);
}

/** Says nothing before it was asked. */
function overHttp(answer: (head: string) => string): (client: Socket) => void {
  return (client) => {
    client.once('data', (head) => client.end(answer(head.toString())));
  };
}

describe('statistics are read', () => {
  test('from who tells them at once', async (t) => {
    const address = await answering(t, (client) => client.end(DOCUMENT));
    const { text, document } = await reader(address).read();
    assert.deepEqual([text, document.version], [DOCUMENT, '1']);
  });

  test('in pieces, and from who resets the connection behind them', async (t) => {
    const address = await answering(t, (client) => {
      client.write(DOCUMENT.slice(0, 5));
      client.once('data', () => undefined);
      setImmediate(() => client.write(DOCUMENT.slice(5), () => setTimeout(() => client.resetAndDestroy(), 50)));
    });
    assert.equal((await reader(address).read()).text, DOCUMENT);
  });

  test('over HTTP from who waits to be asked, from then on at once', async (t) => {
    const heads: string[] = [];
    const address = await answering(
      t,
      overHttp((head) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${heads.push(head) && DOCUMENT}`),
    );
    const again = reader(address);
    assert.equal((await again.read()).text, DOCUMENT);
    const began = performance.now();
    await again.read();
    assert.ok(performance.now() - began < 150, 'the second time it did not wait');
    assert.equal(heads[1], `GET / HTTP/1.0\r\nHost: ${address}\r\nAccept: application/json\r\n\r\n`);
  });

  test('from the page of a URL, with the token', async (t) => {
    const heads: string[] = [];
    const address = await answering(
      t,
      overHttp((head) => `HTTP/1.0 200 OK\r\n\r\n${heads.push(head) && DOCUMENT}`),
    );
    await reader(`http://${address}/some/page?x`, 'secret').read();
    assert.match(heads[0] ?? '', /^GET \/some\/page\?x HTTP\/1\.0\r\n/);
    assert.match(heads[0] ?? '', /\r\nAuthorization: Bearer secret\r\n\r\n$/);
  });
});

describe('what happened lately is read', () => {
  for (const { beside, path } of [
    { beside: '', path: '/recent' },
    { beside: '/monitor/', path: '/monitor/recent' },
    { beside: '/stats.json?x', path: '/recent' },
  ]) {
    test(`beside http://HOST:PORT${beside}`, async (t) => {
      const heads: string[] = [];
      const address = await answering(
        t,
        overHttp((head) => `HTTP/1.1 200 OK\r\n\r\n${heads.push(head) && RECENT}`),
      );
      const { text, recent } = await reader(`http://${address}${beside}`).readRecent();
      assert.deepEqual([text, recent.events], [RECENT, [{ at: 1, text: 'reloaded' }]]);
      assert.equal(heads[0]?.split(' ')[1], path);
    });
  }

  test('at an address of stats-http', async (t) => {
    const address = await answering(
      t,
      overHttp((head) => `HTTP/1.1 200 OK\r\n\r\n${head.startsWith('GET /recent ') ? RECENT : DOCUMENT}`),
    );
    assert.equal((await reader(address).readRecent()).text, RECENT);
  });

  for (const { what, answer, message } of [
    { what: 'has no stats-http', answer: '{"version":"1","state":"serving","workers":[]}', message: /tells statistics alone.* over HTTP$/ },
    { what: 'is of uWSGI', answer: DOCUMENT, message: /is a server of uWSGI, which does not remember/ },
    { what: 'is an emperor', answer: '{"version":"1","vassals":[]}', message: /answers the statistics of an emperor/ },
    { what: 'is something else', answer: 'nothing', message: /answers no JSON: "nothing"/ },
  ]) {
    test(`not where the server ${what}`, async (t) => {
      const address = await answering(t, (client) => client.end(answer));
      await assert.rejects(reader(address).readRecent(), { message });
    });
  }
});

test('an emperor at an address tells what it has to tell', async (t) => {
  const answer = '{"version":"1","vassals":[]}';
  assert.equal(await reader(await answering(t, (client) => client.end(answer))).readText(), answer);
  const other = reader(await answering(t, (client) => client.end('nothing')));
  await assert.rejects(other.readText(), { message: /answers no JSON: "nothing"/ });
});

describe('an error says', () => {
  test('that the answer has no end', async (t) => {
    const end = new AbortController();
    const address = await answering(t, (client) => client.write('SSH-2.0-OpenSSH\r\n', () => setTimeout(() => end.abort(), 20)));
    await assert.rejects(reader(address).read(end.signal), {
      code: 'TSU_STATISTICS_UNREACHABLE',
      message: `${address}: its answer has no end: "SSH-2.0-OpenSSH\\r\\n"`,
    });
  });

  test('that nothing listens', async (t) => {
    const address = await answering(t, () => undefined);
    await assert.rejects(reader('@no-such-socket').read(), {
      code: 'TSU_STATISTICS_UNREACHABLE',
      message: '@no-such-socket: nothing listens there',
    });
    const end = new AbortController();
    const reading = reader(address).read(end.signal);
    end.abort();
    await assert.rejects(reading, { code: 'TSU_STATISTICS_UNREACHABLE' });
  });

  for (const { what, token, answer, code, message } of [
    {
      what: 'that there is no page',
      answer: 'HTTP/1.1 404 Not Found\r\n\r\n',
      code: 'TSU_STATISTICS_ANSWER',
      message: / answers 404 Not Found$/,
    },
    {
      what: 'that a token is wanted',
      answer: 'HTTP/1.1 401 Unauthorized\r\n\r\n',
      code: 'TSU_STATISTICS_TOKEN',
      message: /wants the token/,
    },
    {
      what: 'that it is another token',
      token: 'secret',
      answer: 'HTTP/1.1 401 Unauthorized\r\n\r\n',
      code: 'TSU_STATISTICS_TOKEN',
      message: /has another "stats-token" than TSUWSGI_STATS_TOKEN says/,
    },
    {
      what: 'why they are not told',
      answer: 'HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nset stats-token\n',
      code: 'TSU_STATISTICS_FORBIDDEN',
      message: / answers 403 Forbidden: set stats-token$/,
    },
    {
      what: 'that it is a page for people',
      answer: 'HTTP/1.0 200 OK\r\n\r\n<html>',
      code: 'TSU_STATISTICS_ANSWER',
      message: /no JSON: "<html>"$/,
    },
    {
      what: 'that it is something else',
      answer: '220 mail.example ESMTP\r\n',
      code: 'TSU_STATISTICS_ANSWER',
      message: /no JSON: "220 mail/,
    },
  ]) {
    test(what, async (t) => {
      const address = await answering(
        t,
        overHttp(() => answer),
      );
      await assert.rejects(reader(`http://${address}`, token).read(), { code, message });
    });
  }
});
