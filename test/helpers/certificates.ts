/** Certificates for tests, made by the openssl command when they are wanted. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate and its key, as files. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface Wanted {
  /** As openssl writes it: /CN=localhost. */
  readonly subject?: string;
  /** Who signs it; without one it does so itself. */
  readonly by?: CertificateFiles;
  /** It may sign others. */
  readonly isAuthority?: boolean;
  /** It was good until yesterday. */
  readonly hasExpired?: boolean;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

/** Makes NAME.crt and NAME.key in a folder. */
export function makeCertificate(dir: string, name: string, wanted: Wanted = {}): CertificateFiles {
  const { subject = `/CN=${name}`, by, isAuthority = false, hasExpired = false } = wanted;
  const files = { certificate: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
  const extensions = [`basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`, `subjectAltName=DNS:${name}`];
  const request = join(dir, `${name}.csr`);
  openssl(
    ['req', '-new', '-utf8', ...KEY, '-keyout', files.key, '-out', request, '-subj', subject],
    extensions.flatMap((extension) => ['-addext', extension]),
  );
  openssl(
    ['x509', '-req', '-in', request, '-out', files.certificate, '-copy_extensions', 'copyall', '-days', hasExpired ? '-1' : '30'],
    by === undefined ? ['-signkey', files.key] : ['-CA', by.certificate, '-CAkey', by.key, '-CAcreateserial'],
  );
  return files;
}

/** Puts the certificates of authorities behind one in its file, so that it comes with its whole chain. */
export function chain(files: CertificateFiles, ...authorities: readonly CertificateFiles[]): CertificateFiles {
  const texts = [files, ...authorities].map(({ certificate }) => readFileSync(certificate, 'utf8'));
  writeFileSync(files.certificate, texts.join(''));
  return files;
}

/** The texts of the files, as TLS clients take them. */
export function clientOf({ certificate, key }: CertificateFiles): { cert: string; key: string } {
  return { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}

export function openssl(...words: readonly (readonly string[])[]): string {
  return execFileSync('openssl', words.flat(), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
