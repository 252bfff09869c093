/** The path and query of `rewrite`: what the request asked for beside goes behind the new query, as in uWSGI. */
export function rewrite(url: string, query: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  if (mark === -1) return { path: decode(url), query };
  const added = url.slice(mark + 1);
  return { path: decode(url.slice(0, mark)), query: query === '' ? added : `${added}&${query}` };
}

/** `%20` → a blank, one character for each byte; what is no escape stays. */
function decode(path: string): string {
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** `/app/x` with the script name `/app` → `/x`. */
export function withoutScriptName(path: string, scriptName: string): string {
  return path.startsWith(scriptName) ? path.slice(scriptName.length) : path;
}
