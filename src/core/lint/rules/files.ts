/**
 * Files and folders that are not there.
 *
 * A config file is often validated elsewhere than it is used: in a checkout, or on a build machine. There `/srv/app` is missing
 * and nothing is wrong. So a path is only missed where it should be: in the project of the config file, or anywhere
 * once some of the application is found on this machine, or in a place that is no customary one for deployments.
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { type CertificateFiles, parseHostCertificate, parseTlsAddress, parseTlsKeyval } from '../../options/tls-address.ts';
import type { Configuration, NamedEntry } from '../configuration.ts';
import { about, type Finding } from '../finding.ts';
import type { Rule } from '../rule.ts';

/** An option that names a path, and what has to be there before the server starts. */
interface Expectation {
  readonly kind: 'file' | 'folder';
  readonly pathIn: (text: string) => string | undefined;
}

const whole = (text: string): string => text;
/** Sockets and files that the server makes need their folder. */
const folderOf = (text: string): string => dirname(text);

const EXPECTED: Readonly<Record<string, Expectation>> = {
  chdir: { kind: 'folder', pathIn: whole },
  virtualenv: { kind: 'folder', pathIn: whole },
  'wsgi-file': { kind: 'file', pathIn: whole },
  'static-map': { kind: 'folder', pathIn: (text) => /^[^=]*=(.+)$/.exec(text)?.[1] },
  'check-static': { kind: 'folder', pathIn: whole },
  pidfile: { kind: 'folder', pathIn: folderOf },
  pidfile2: { kind: 'folder', pathIn: folderOf },
  logto: { kind: 'folder', pathIn: folderOf },
  logto2: { kind: 'folder', pathIn: folderOf },
  daemonize: { kind: 'folder', pathIn: folderOf },
  daemonize2: { kind: 'folder', pathIn: folderOf },
  socket: { kind: 'folder', pathIn: folderOfSocket },
  'uwsgi-socket': { kind: 'folder', pathIn: folderOfSocket },
  'http-socket': { kind: 'folder', pathIn: folderOfSocket },
  'fastcgi-socket': { kind: 'folder', pathIn: folderOfSocket },
  'scgi-socket': { kind: 'folder', pathIn: folderOfSocket },
  http: { kind: 'folder', pathIn: folderOfSocket },
  'sni-dir': { kind: 'folder', pathIn: whole },
  stats: { kind: 'folder', pathIn: folderOfSocket },
};

/** Options that name certificates, by how they are read. */
const CERTIFICATES: Readonly<Record<string, (text: string) => CertificateFiles>> = {
  https: parseTlsAddress,
  'https-socket': parseTlsAddress,
  https2: parseTlsKeyval,
  sni: parseHostCertificate,
  'sni-regexp': parseHostCertificate,
};

/** What is part of the application, so that finding it means that this is its machine. */
const DEPLOYED = ['chdir', 'virtualenv', 'wsgi-file', 'pythonpath'];

/** Where applications are deployed to, in containers as well. */
const CUSTOMARY =
  /^\/(app|apps|code|data|deploy|etc|home|mnt|opt|project|projects|root|src|srv|tmp|Users|usr|var|venv|web|webapps|work|workspace|www)(\/|$)/;

/** They are on most machines, with or without an application. */
const EVERYWHERE = /^\/[^/]*$|^\/(var|usr)\/[^/]+$|^\/var\/www\/html$/;

/** Emptied at each boot and filled by whoever starts services. */
const MADE_AT_START = /^(\/var)?\/run\/|^\/dev\//;

export const fileRules: readonly Rule[] = [
  {
    id: 'missing-path',
    severity: 'warning',
    title: 'A file or a folder that is not there',
    why: 'The server does not start without the folders of its logs, sockets and pid files, nor without `chdir`, `virtualenv` and `wsgi-file`. Paths in places such as /srv or /home are passed over when nothing of the application is on this machine: then the file is for another one.',
    remedy: 'Correct the path, or make the folder.',
    check: (configuration) => [
      ...Object.entries(EXPECTED).flatMap(([option, expected]) => missing(configuration, option, expected)),
      ...Object.entries(CERTIFICATES).flatMap(([option, parse]) => missingCertificates(configuration, option, parse)),
    ],
  },
];

function missing(configuration: Configuration, option: string, { kind, pathIn }: Expectation): Finding[] {
  return configuration.all(option).flatMap((entry) => {
    const path = pathIn(entry.text);
    return path === undefined || isUnknowable(entry.text) ? [] : lookFor({ entry, path, kind }, configuration);
  });
}

/** The certificates, keys and authorities of addresses of TLS and of their hosts. */
function missingCertificates(configuration: Configuration, option: string, parse: (text: string) => CertificateFiles): Finding[] {
  return configuration.all(option).flatMap((entry) => {
    const paths = certificatePaths(entry.text, parse).filter((path) => !isUnknowable(path));
    return paths.flatMap((path) => lookFor({ entry, path, kind: 'file' }, configuration));
  });
}

/** None where the text is broken, which is told elsewhere. */
function certificatePaths(text: string, parse: (text: string) => CertificateFiles): readonly string[] {
  try {
    const { certificate, key, clientCa } = parse(text);
    return clientCa === undefined ? [certificate, key] : [certificate, key, clientCa];
  } catch {
    return [];
  }
}

interface Wanted {
  readonly entry: NamedEntry;
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

function lookFor({ entry, path, kind }: Wanted, configuration: Configuration): Finding[] {
  const found = placesOf(path, configuration).map((place) => configuration.surroundings.kindOf(place));
  if (found.some((one) => one === kind || one === 'hidden')) return [];
  if (found.some((one) => one !== undefined)) return [about(entry, `${path} is no ${kind}`)];
  return isExpectedHere(path, configuration) ? [complaint(entry, path, kind)] : [];
}

function complaint(entry: NamedEntry, path: string, kind: 'file' | 'folder'): Finding {
  return about(
    entry,
    `there is no ${kind} ${path}`,
    kind === 'folder' ? `correct the path, or make it: mkdir -p ${path}` : 'correct the path',
  );
}

/** Unset variables, template text, patterns, what only a shell knows, devices, and addresses of log collectors. */
export function isUnknowable(path: string): boolean {
  return /^~|[$@%{}<>*\s"']|:\/\/|\/path\/(to|of)\b/.test(path) || MADE_AT_START.test(path);
}

/**
 * Where a path may be meant: an absolute one is where it is; any other is seen from `chdir`, or else from where the server is
 * started, which is the folder of the config file or the one that the user stands in.
 */
export function placesOf(path: string, configuration: Configuration): readonly string[] {
  const { folder, surroundings } = configuration;
  const chdir = configuration.last('chdir')?.text ?? '';
  return [surroundings.directory, folder].flatMap((start) => [resolve(start, chdir, path), resolve(start, path)]);
}

/** Nothing can be said of what is seen from a `chdir` that is not expected here itself. */
function isExpectedHere(path: string, configuration: Configuration): boolean {
  const start = isAbsolute(path) ? path : (configuration.last('chdir')?.text ?? '');
  if (!isAbsolute(start)) return !isUnknowable(start);
  if (isIn(start, configuration.folder)) return true;
  return !(CUSTOMARY.test(start) || configuration.isForContainer) || isDeployedHere(configuration);
}

function isIn(path: string, folder: string): boolean {
  return folder !== '/' && !relative(folder, path).startsWith('..');
}

function isDeployedHere(configuration: Configuration): boolean {
  return configuration
    .all(...DEPLOYED)
    .some(({ text }) => isAbsolute(text) && !EVERYWHERE.test(text) && configuration.surroundings.kindOf(text) !== undefined);
}

function folderOfSocket(text: string): string | undefined {
  return text === '' || /[:@=]/.test(text) ? undefined : dirname(text);
}
