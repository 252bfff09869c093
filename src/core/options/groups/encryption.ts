import { count, flag, hostCertificates, path, seconds, text, tlsAddresses } from '../define.ts';
import { parseHostCertificate, parsePatternCertificate, parseTlsAddress, parseTlsKeyval } from '../tls-address.ts';

const ADDRESS = 'ADDRESS,CERT,KEY[,CIPHERS[,CLIENT_CA]]';

/** TLS, and whom it lets in. */
export const encryption = {
  https: tlsAddresses(parseTlsAddress, {
    metavar: ADDRESS,
    help: 'speak HTTP over TLS here, for browsers and other clients; with a ! before CLIENT_CA they must have a certificate of it',
  }),

  'https-socket': tlsAddresses(parseTlsAddress, { metavar: ADDRESS, help: 'speak HTTP over TLS here, behind a proxy' }),

  https2: tlsAddresses(parseTlsKeyval, {
    metavar: 'KEY=VALUE,…',
    help: 'the same as https, with names: addr=, cert=, key=, ciphers= and clientca=',
  }),

  http2: flag({
    extension: true,
    default: true,
    arity: 'optional',
    help: 'let clients of https and https-socket choose HTTP/2; false leaves them HTTP/1.1',
  }),

  sni: hostCertificates(parseHostCertificate, {
    metavar: 'HOST CERT,KEY[,CIPHERS[,CLIENT_CA]]',
    help: 'the certificate for clients that ask for this host, at all addresses of TLS',
  }),

  'sni-regexp': hostCertificates(parsePatternCertificate, {
    metavar: 'EXPRESSION CERT,KEY[,CIPHERS[,CLIENT_CA]]',
    help: 'the same for all hosts that a regular expression fits',
    note: "The expressions are JavaScript's, which those of PCRE mostly are as well.",
  }),

  'sni-dir': path({ help: 'a folder with HOST.crt and HOST.key for each host, and HOST.ca for the certificates of its clients' }),

  'sni-dir-ciphers': text({ metavar: 'LIST', help: "the ciphers for those of sni-dir, in OpenSSL's words" }),

  'https-export-cert': flag({ help: 'tell the application the certificate of the client: HTTPS_CC' }),

  'https-session-context': text({ help: 'let a client go on with its TLS session at the servers that have this text in common' }),

  'ssl-sessions-timeout': seconds({
    aliases: ['ssl-session-timeout'],
    default: 300,
    min: 1,
    help: 'how long a client may come back to its TLS session',
  }),

  'ssl-verify-depth': count({
    arity: 'optional',
    default: 1,
    bare: 1,
    help: "how many authorities may stand between a client's certificate and CLIENT_CA",
  }),
};
