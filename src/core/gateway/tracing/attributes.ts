/**
 * What a span tells of its request, by the semantic conventions for HTTP servers (stable since 1.23):
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
import type { Attributes } from '@opentelemetry/api';
import type { RequestVariables } from '../request-variables.ts';

/** Those of RFC 9110 and PATCH; a name that anybody may make up would be one more name of a span. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
/** They sign the address, so whoever reads the span could use it. */
const SECRET = /((?:^|&)(?:AWSAccessKeyId|Signature|sig|X-Goog-Signature|X-Amz-(?:Signature|Credential|Security-Token))=)[^&]*/gi;

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** As a span is called: no route is known here. */
export function spanName(variables: RequestVariables): string {
  const method = variables.get('REQUEST_METHOD');
  return METHODS.has(method) ? method : 'HTTP';
}

export function requestAttributes(variables: RequestVariables): Attributes {
  const method = variables.get('REQUEST_METHOD');
  const isKnown = METHODS.has(method);
  const scheme = schemeOf(variables);
  const { path, query } = targetOf(variables);
  return {
    'http.request.method': isKnown ? method : '_OTHER',
    'http.request.method_original': isKnown ? undefined : textOf(method),
    'url.path': textOf(path),
    'url.query': query === '' ? undefined : textOf(query.replace(SECRET, '$1REDACTED')),
    'url.scheme': scheme,
    ...serverOf(variables, scheme),
    'client.address': variables.get('REMOTE_ADDR') || undefined,
    'network.protocol.version': versionOf(variables.get('SERVER_PROTOCOL')),
    'user_agent.original': textOf(variables.get('HTTP_USER_AGENT')) || undefined,
  };
}

/** uWSGI's rule, as `wsgi.url_scheme` has it: what a proxy in front says, and only if it can be true. */
function schemeOf(variables: RequestVariables): string {
  const told = variables.get('UWSGI_SCHEME') || variables.get('HTTP_X_FORWARDED_PROTO');
  if (told === 'http' || told === 'https') return told;
  const secure = variables.get('HTTPS') || variables.get('HTTP_X_FORWARDED_SSL');
  return secure.startsWith('1') || secure.toLowerCase() === 'on' ? 'https' : 'http';
}

/** Of "/path?query", and of "http://host/path?query" as proxies are asked; web servers that do not send it have its parts. */
function targetOf(variables: RequestVariables): { path: string; query: string } {
  const uri = variables.get('REQUEST_URI').replace(/^https?:\/\/[^/?]*/i, '');
  if (uri === '') return { path: variables.get('SCRIPT_NAME') + variables.get('PATH_INFO'), query: variables.get('QUERY_STRING') };
  const at = uri.indexOf('?');
  return at === -1 ? { path: uri, query: '' } : { path: uri.slice(0, at), query: uri.slice(at + 1) };
}

/** The server as its client names it. */
function serverOf(variables: RequestVariables, scheme: string): Attributes {
  const [, name = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(variables.get('HTTP_HOST')) ?? [];
  if (name !== '') return { 'server.address': textOf(name), 'server.port': port === '' ? PORTS[scheme] : Number(port) };
  const bound = variables.get('SERVER_NAME');
  return bound === '' ? {} : { 'server.address': textOf(bound), 'server.port': Number(variables.get('SERVER_PORT')) || undefined };
}

/** "1.1", "2" */
function versionOf(protocol: string): string | undefined {
  return /^HTTP\/(\d(?:\.\d)?)$/.exec(protocol)?.[1]?.replace(/^([23])\.0$/, '$1');
}

/** The characters that the bytes of a variable stand for. */
function textOf(bytes: string): string {
  // eslint-disable-next-line no-control-regex -- all that is ASCII stands for itself
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
