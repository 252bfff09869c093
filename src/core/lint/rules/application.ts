/** What is served. */
import { about } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** Each of them names an application in another way, or gives the server something else to do. */
const OTHER_WORK = (
  'attach-daemon cgi check-static dynamic-apps emperor eval fastrouter file-serve-mode http-to ini-paste ini-paste-logged lua mount mule paste pecan ' +
  'php-docroot psgi pump py rack rails rawrouter route spooler sslrouter static-map vhost vhost-host web3 zergpool'
).split(' ');

export const applicationRules: readonly Rule[] = [
  {
    id: 'no-application',
    severity: 'warning',
    title: 'No application',
    why: 'Without `module` or `wsgi-file` the server does not start, unless the command line names one. uWSGI starts and answers 500.',
    remedy: 'Write `module = package.module:callable` or `wsgi-file = path/to/file.py`.',
    check: (configuration) =>
      configuration.isEmpty || configuration.has('module', 'wsgi-file', ...OTHER_WORK) || !configuration.options.needApp
        ? []
        : [{ message: 'nothing here names an application', suggestion: 'write "module = package.module" or "wsgi-file = server.py"' }],
  },
  {
    id: 'module-and-file',
    severity: 'warning',
    title: 'A module and a file',
    why: 'Only one application is loaded, and it is the one of `module`, wherever it stands; uWSGI does the same.',
    remedy: 'Keep the one that is meant.',
    check: (configuration) => {
      const module = configuration.last('module');
      const file = configuration.last('wsgi-file');
      if (module === undefined || file === undefined) return [];
      return [about(file, `"${file.name}" is not loaded: "${module.name} = ${module.text}" comes first`, 'remove one of them')];
    },
  },
  {
    id: 'mount-without-script-name',
    severity: 'warning',
    title: 'An application below a path without manage-script-name',
    why: 'An application that is mounted at `/shop` still finds `/shop` at the beginning of its paths and an empty SCRIPT_NAME.',
    remedy: 'Add `manage-script-name = true`.',
    check: (configuration) =>
      configuration.has('manage-script-name')
        ? []
        : configuration
            .all('mount')
            .filter(({ text }) => /^\/[^=\s]+=/.test(text))
            .map((entry) => about(entry, `"${entry.text}" hands the application its whole path`, 'add "manage-script-name = true"')),
  },
];
