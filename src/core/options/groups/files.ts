import { choice, expressions, flag, lifetimes, list, mappings, paths, typeLifetimes } from '../define.ts';

/** Files that are served without the application. */
export const files = {
  'static-map': mappings({
    help: "serve the files of this folder at this path of the site; what is not there is the application's",
    note: 'By whole segments: `/static` is not the beginning of `/statics`, as it is in uWSGI.',
  }),

  'static-map2': mappings({ help: 'the same, with the path of the site as a part of the path in the folder' }),

  'check-static': paths({ aliases: ['static-check'], help: 'serve what is in this folder at the path of the request; before static-map' }),

  'check-static-docroot': flag({ help: 'serve what is in the DOCUMENT_ROOT that the web server in front names' }),

  'static-index': list({ metavar: 'NAME', help: 'what a folder shows: the first of these files that is in it' }),

  'static-skip-ext': list({ metavar: 'ENDING', help: 'leave paths that end so to the application' }),

  'static-safe': paths({ help: 'serve also what is in this folder, when a link leads there' }),

  mimefile: paths({
    aliases: ['mime-file'],
    help: "content types by ending, as in /etc/mime.types, and in that table's place",
    note: 'Where the system has no such table, as in most containers, a built-in one is used.',
  }),

  'static-expires': lifetimes({ help: 'files whose path matches expire so many seconds after they were sent' }),

  'static-expires-mtime': lifetimes({ help: 'files whose path matches expire so many seconds after they were changed' }),

  'static-expires-path-info': lifetimes({ help: 'as static-expires, with PATH_INFO' }),

  'static-expires-path-info-mtime': lifetimes({ help: 'as static-expires-mtime, with PATH_INFO' }),

  'static-expires-uri': lifetimes({ help: 'as static-expires, with REQUEST_URI' }),

  'static-expires-uri-mtime': lifetimes({ help: 'as static-expires-mtime, with REQUEST_URI' }),

  'static-expires-type': typeLifetimes({ help: 'files of this type expire so many seconds after they were sent' }),

  'static-expires-type-mtime': typeLifetimes({ help: 'files of this type expire so many seconds after they were changed' }),

  'static-gzip-all': flag({ help: 'send the compressed twin of a file, style.css.gz beside style.css, to clients that take it' }),

  'static-gzip': expressions({ help: 'the same for files whose path matches' }),

  'static-gzip-dir': paths({ aliases: ['static-gzip-prefix'], help: 'the same for files below this folder' }),

  'static-gzip-ext': list({ aliases: ['static-gzip-suffix'], metavar: 'ENDING', help: 'the same for files whose path ends so' }),

  'file-serve-mode': choice(['send', 'nginx', 'x-accel-redirect', 'xaccelredirect', 'x-sendfile', 'xsendfile'], {
    aliases: ['fileserve-mode'],
    default: 'send',
    help: 'let the web server in front send the files: it gets their paths as X-Accel-Redirect or X-Sendfile',
  }),

  'x-sendfile': paths({
    extension: true,
    help: 'send the file that the application names in the header X-Sendfile, from this folder, in place of its body',
  }),

  'honour-range': flag({
    support: 'accepted',
    help: 'send the parts of a file that a client asks for',
    note: 'Always so.',
  }),
};
