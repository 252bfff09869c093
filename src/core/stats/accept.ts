/**
 * Whether this is a browser that wants to show a page. Programs that read the statistics at `/` name JSON, anything, or nothing.
 *
 * @param accept the header Accept
 */
export function prefersHtml(accept = ''): boolean {
  const html = qualityOf(accept, 'text/html');
  return html > 0 && html >= qualityOf(accept, 'application/json');
}

/** 0 where the type is not named: `*` stands for none in particular. */
function qualityOf(accept: string, type: string): number {
  const range = accept.split(',').find((one) => one.split(';', 1)[0]?.trim().toLowerCase() === type);
  if (range === undefined) return 0;
  const [, quality = '1'] = /;\s*q=([\d.]+)/i.exec(range) ?? [];
  return Number(quality);
}
