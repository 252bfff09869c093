/**
 * `npm run bench:bodies`: one body of 1 GB up and one down by each protocol, and what the server held of it.
 *
 *     --megabytes N   another size (1024)
 *     --write         put the table into docs/large-bodies.md
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  asking,
  connect,
  doorOf,
  download,
  type Protocol,
  PROTOCOLS,
  type Transfer,
  upload,
  watchMemory,
} from '../test/helpers/large-bodies.ts';
import { ROOT } from '../test/helpers/paths.ts';
import { OwnScope, type Scope } from '../test/helpers/scope.ts';
import { startServer } from '../test/helpers/server.ts';

/** So much is sent before, so that what every server needs once does not count. */
const WARM_UP_MB = 8;
/** Long enough for a worker to bring all of its body to the gateway, if that takes it. */
const STALL_MS = 3000;

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1024' }, write: { type: 'boolean', default: false } } });
const megabytes = Number(values.megabytes);

interface Way {
  readonly what: string;
  readonly app: string;
  readonly flags: string;
  readonly transfer: (scope: Scope, transfer: Transfer) => Promise<boolean>;
}

const WAYS: readonly Way[] = [
  { what: 'up', app: 'digest.py', flags: '', transfer: upload },
  { what: 'up, request-buffering = false', app: 'digest.py', flags: '--request-buffering=false', transfer: upload },
  { what: 'up, post-buffering = 1M', app: 'digest.py', flags: '--post-buffering 1M', transfer: upload },
  { what: 'down', app: 'download.py', flags: '', transfer: download },
  { what: 'down, by a client that stalls at first', app: 'download.py', flags: '', transfer: stall },
];

const rows: string[] = [];
for (const protocol of PROTOCOLS) {
  for (const way of WAYS) {
    const row = await measure(protocol, way);
    console.log(row);
    rows.push(row);
  }
}
if (values.write) writeFileSync(join(ROOT, 'docs/large-bodies.md'), page());

/** Asks, and reads only when the worker has gone as far as it can without. */
async function stall(scope: Scope, { protocol, address, megabytes }: Transfer): Promise<boolean> {
  const stream = await connect(scope, address);
  stream.write(asking(protocol, `/?${String(megabytes)}`));
  await setTimeout(STALL_MS);
  while ((await stream.readSome()).length > 0);
  stream.close();
  return stream.received > megabytes * 1024 * 1024;
}

async function measure(protocol: Protocol, { what, app, flags, transfer }: Way): Promise<string> {
  const scope = new OwnScope(`${protocol} ${what}`);
  try {
    const { option, door } = doorOf(protocol);
    const server = await startServer(scope, `--${option} 127.0.0.1:0 -M -L --wsgi-file ${app} ${flags}`);
    const address = server.address(door);
    await transfer(scope, { protocol, address, megabytes: WARM_UP_MB });
    const more = watchMemory(server);
    const began = performance.now();
    if (!(await transfer(scope, { protocol, address, megabytes }))) throw new Error(`${scope.name}: not all of it arrived`);
    const seconds = (performance.now() - began) / 1000;
    return `| ${protocol} | ${what} | ${(more() / 1024).toFixed(1)} | ${Math.round(megabytes / seconds)} |`;
  } finally {
    await scope.end();
  }
}

function page(): string {
  return `# Large bodies

Written by \`npm run bench:bodies -- --megabytes ${megabytes} --write\`; change nothing here by hand.

One body of ${megabytes} MB, sent or taken by one client, which also computes its SHA-256 on the way up. The memory is the most (VmHWM) that the gateway, where
there is one, and the worker held meanwhile, together, above what they held before; \`uwsgi\` is the direct door, without a gateway. What is collected is in a file meanwhile.
A client that stalls reads nothing for the first ${STALL_MS / 1000} seconds, in which the worker answers all of it; they count in MB/s. At the direct door the worker waits for it.

| protocol | direction | most memory, MB | MB/s |
|---|---|--:|--:|
${rows.join('\n')}
`;
}
