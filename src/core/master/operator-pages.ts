import type { IncomingMessage } from 'node:http';
import { type Access, isHolder, isOnPurpose } from '../stats/access.ts';
import { jsonPage, type Page, type PageMaker, type Pages, plainPage } from '../stats/page.ts';
import { endSession, openSession } from '../stats/session.ts';

export interface OperatorPorts {
  readonly access: () => Access;
  /** Says what was done. @throws TsuwsgiError that says why it was not */
  readonly reload: () => Promise<string>;
}

/** A token is shorter than that. */
const MAX_BODY_BYTES = 4096;

/** Where there is a token, who has it may sign in from a browser and have the server reloaded. Without one nobody can do anything here. */
export function operatorPages({ access, reload }: OperatorPorts): Pages {
  return {
    'GET /session': ({ headers }) => {
      const { token } = access();
      return jsonPage(JSON.stringify({ token: token !== undefined, signedIn: token !== undefined && isHolder(headers, token) }));
    },
    'POST /session': forOurs(access, async (request, token) => {
      const given = `Bearer ${await textOf(request)}`;
      if (!isHolder({ authorization: given }, token)) return plainPage(403, 'this is not the token of this server');
      return withCookie(openSession(token, Date.now() / 1000));
    }),
    'POST /session/end': forOurs(access, () => withCookie(endSession())),
    'POST /reload': forOurs(access, (request, token) => {
      if (!isHolder(request.headers, token)) return plainPage(401, 'sign in first, or send "Authorization: Bearer TOKEN" (stats-token)');
      return reloadPage(request, reload);
    }),
  };
}

/** @param make is given the token as well */
function forOurs(access: () => Access, make: (request: IncomingMessage, token: string) => Page | Promise<Page>): PageMaker {
  return (request) => {
    const { token } = access();
    if (token === undefined) return plainPage(403, 'this server takes no orders here: it has no stats-token');
    if (!isOnPurpose(request.headers)) return plainPage(403, 'only the dashboard of this server may ask for that (Origin)');
    return make(request, token);
  };
}

async function reloadPage(request: IncomingMessage, reload: () => Promise<string>): Promise<Page> {
  // As long as it takes the application to be imported.
  request.socket.setTimeout(0);
  try {
    return plainPage(200, await reload());
  } catch (error) {
    return plainPage(409, (error as Error).message);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function withCookie(cookie: string): Page {
  return { status: 204, headers: { 'Cache-Control': 'no-store', 'Set-Cookie': cookie }, body: '' };
}
