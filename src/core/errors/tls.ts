import { TsuwsgiError } from './error.ts';

/** A certificate, its key, or what goes with them cannot be used: not there, not readable, broken, not a pair. */
export class TlsError extends TsuwsgiError {
  readonly code = 'TSU_TLS';

  private constructor(message: string, suggestions: readonly string[], cause?: unknown) {
    super(message, { suggestions, cause });
  }

  /** @param what "certificate", "key" or "client CA" */
  static unreadable(option: string, what: string, cause: NodeJS.ErrnoException): TlsError {
    const { path = '', code } = cause;
    const [reason, suggestion] = READING[code ?? ''] ?? [cause.message, 'name another file'];
    return new TlsError(`${option}: cannot read the ${what} ${path}: ${reason}`, [suggestion], cause);
  }

  static notPem(option: string, what: string, path: string): TlsError {
    return new TlsError(`${option}: ${path} is no ${what} in PEM form`, [
      `look into it: ${what === 'key' ? 'openssl pkey -noout' : 'openssl x509 -noout -subject'} -in ${path}`,
    ]);
  }

  static passphrase(option: string, path: string): TlsError {
    return new TlsError(`${option}: the key ${path} is protected by a passphrase, and nobody is there to type it`, [
      `write it without one, for the server's user alone: openssl pkey -in ${path} -out NEW.key && chmod 600 NEW.key`,
    ]);
  }

  static noPair(option: string, certificate: string, key: string): TlsError {
    return new TlsError(`${option}: the key ${key} does not belong to the certificate ${certificate}`, [
      'name the key with which that certificate was requested; where a file holds several certificates, its own must be the first',
    ]);
  }

  static ciphers(option: string, ciphers: string): TlsError {
    return new TlsError(`${option}: there are no ciphers "${ciphers}"`, [
      `leave them out for the usual ones, or see what there is: openssl ciphers -v`,
    ]);
  }

  static unusable(option: string, certificate: string, cause: Error): TlsError {
    return new TlsError(`${option}: the certificate ${certificate} cannot be used: ${cause.message}`, ['make another one'], cause);
  }
}

/** By the code of the system: the reason, and what to do. */
const READING: Readonly<Record<string, readonly [reason: string, suggestion: string]>> = {
  ENOENT: ['no such file or directory', 'correct the path: it is seen from where the server is started'],
  ENOTDIR: ['not a directory', 'correct the path: it is seen from where the server is started'],
  EISDIR: ['it is a folder', 'name the file in it'],
  EACCES: [
    'permission denied',
    'start the server as root, with uid to give that up, or let its group read the file: chgrp GROUP FILE && chmod 640 FILE',
  ],
};
