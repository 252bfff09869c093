import type { ChalkInstance } from 'chalk';

/** What is wrong, in the words in which the server says so. */
const BAD = /\b(?:HARAKIRI|SLOW|cannot|could not|died|failed|killed|lost|dropped|warning)\b/;
const DATED = /^(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})( - )(.*)$/s;

/** Paints the server's own lines for people: what is well and what is not at a glance. Each has the same text as without. */
export function logPainter(colours: ChalkInstance): (line: string) => string {
  const said = (text: string): string => {
    if (BAD.test(text)) return colours.yellow(text);
    return text.startsWith('ready: ') ? colours.green.bold(text) : text;
  };
  return (line) => {
    // Requests are what their clients say, and those of the workers have no colours either.
    if (/^[[{]/.test(line)) return line;
    const [, date, dash = '', text = ''] = DATED.exec(line) ?? [];
    if (date !== undefined) return `${colours.dim(date + dash)}${said(text)}`;
    return line.startsWith('tsuwsgi ') ? colours.bold(line) : said(line);
  };
}
