/** Where the server runs, and as whom. */
import { about } from '../finding.ts';
import type { Rule } from '../rule.ts';

export const deploymentRules: readonly Rule[] = [
  {
    id: 'uid-without-gid',
    severity: 'warning',
    title: 'A user without a group',
    why: 'With `uid` alone the server leaves the user root but stays in the group root. In uWSGI it is the same.',
    remedy: 'Add `gid`.',
    check: (configuration) => {
      const entry = configuration.last('uid');
      if (entry === undefined || isRoot(entry.text) || configuration.has('gid')) return [];
      return [about(entry, 'without "gid" the server stays in the group root', `add "gid = ${entry.text}"`)];
    },
  },
  {
    id: 'runs-as-root',
    severity: 'warning',
    title: 'A server that runs as root',
    why: 'Whoever finds a hole in the application owns the machine.',
    remedy: 'Name a user of its own, such as www-data.',
    check: (configuration) => {
      const entry = configuration.last('uid');
      if (entry === undefined || !isRoot(entry.text)) return [];
      return [about(entry, 'the application runs as root', 'write "uid = www-data", or another user without rights')];
    },
  },
  {
    id: 'daemon-in-container',
    severity: 'warning',
    title: 'A server in the background of a container',
    why: 'A container ends with the process that it was started with, which is the one that `daemonize` ends. A Dockerfile beside the file or above it in the checkout mentions the server.',
    remedy: 'Remove `daemonize`; the log then goes to the log of the container.',
    check: (configuration) => {
      const entry = configuration.last('daemonize');
      if (entry === undefined || !configuration.isForContainer) return [];
      return [about(entry, 'a container ends when its server goes to the background', 'remove this line')];
    },
  },
  {
    id: 'term-in-container',
    severity: 'warning',
    title: 'A server in a container that does not stop on SIGTERM',
    why: 'SIGTERM is what `docker stop` and Kubernetes send. tsuwsgi stops on it unless `die-on-term = false` says otherwise, and then it reloads and is killed some seconds later. uWSGI reloads unless `die-on-term = true` is there.',
    remedy: 'Remove the line.',
    check: (configuration) => {
      const entry = configuration.last('die-on-term');
      if (entry === undefined || configuration.options.dieOnTerm || !configuration.isForContainer) return [];
      return [about(entry, 'SIGTERM reloads the server, so the container is killed when it is to stop', 'remove this line')];
    },
  },
];

function isRoot(user: string): boolean {
  return user === 'root' || /^0+$/.test(user);
}
