import { spawnSync } from 'node:child_process';
import { PEERS } from '../scripts/requirements.js';
import { cpus, release, totalmem } from 'node:os';
import { PYTHON, ROOT, VERSION } from '../test/helpers/paths.ts';

/** Says the versions of those peers that are Python packages and here. */
const PEER_VERSIONS = `
import sys
from importlib.metadata import distributions

sys.path.append(sys.argv[1])
names = ("waitress", "granian", "bjoern")
print(", ".join(f"{one.metadata['Name']} {one.version}" for one in distributions() if one.metadata["Name"] in names))
`;

/** The head of the page: with what, on what and how the figures were made. */
export function describeMachine(rounds: number, seconds: number): string {
  const versions = [
    `tsuwsgi ${VERSION} on Node ${process.versions.node}`,
    said(PYTHON, '--version'),
    `uWSGI ${said('uwsgi', '--version')}`,
    said('nginx', '-v').replace('nginx version: ', ''),
    said('gunicorn', '--version'),
    said(PYTHON, '-c', PEER_VERSIONS, PEERS),
    said('apache2', '-v').split('\n')[0]?.replace('Server version: ', '') ?? '',
    said('wrk', '-v')
      .split('\n')[0]
      ?.replace(/ Copyright.*/, '') ?? '',
  ];
  return `# Benchmarks

Written by \`npm run bench -- --rounds ${String(rounds)} --seconds ${String(seconds)} --write\`; change nothing here by hand.

- Date: ${new Date().toISOString().slice(0, 10)}, commit ${commit()}
- Machine: ${hardware()}
- Versions: ${versions.filter((one) => one !== '').join(', ')}

The application is a hello world with a Content-Length, served by a master and two workers. Each server is started for each
measurement and ended after it; the servers of a section take turns, ${String(rounds)} rounds of ${String(seconds)} s each after 1 s of
warm-up, with \`wrk -t1\` on the same machine. Where servers of the hello world straight over HTTP or behind nginx, programs
that do the least, numbers of gateways or request logs are compared, all servers of a round are up together, each with a \`wrk\` that is stopped but for
turns of 150 ms (bench/turns.ts): what happens on the machine happens to all of them. Where numbers of connections are, those
have been made and are warm before anything is counted (bench/endless-client.ts). Machines are noisy: read the ratios, not the figures.
Ratios differ by machine, too, above all to servers that make a connection for each request: compare those of one machine.`;
}

/** What stands below a section that was measured without the others: with which words, when, of what and where. */
export function describeApart(words: readonly string[]): string {
  const how = `\`npm run bench -- ${words.join(' ')} --write\``;
  return `Measured apart: ${how}, ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, on ${hardware()}.`;
}

/** The processors, the memory and the kernel. */
export function hardware(): string {
  return `${String(cpus().length)} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${String(Math.round(totalmem() / 2 ** 30))} GiB, Linux ${release()}`;
}

/** What the work tree is made of. That figures were written into the page before is no change. */
export function commit(): string {
  const hash = said('git', '-C', ROOT, 'rev-parse', '--short', 'HEAD');
  const isClean = said('git', '-C', ROOT, 'status', '--porcelain', '--', '.', ':!docs/benchmarks.md') === '';
  return hash === '' ? 'unknown' : `${hash}${isClean ? '' : ' with changes'}`;
}

/** What a program says about itself, on either output; nothing when it is not here. */
export function said(program: string, ...words: string[]): string {
  const { stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  return error ? '' : `${stdout}${stderr}`.trim();
}
