/**
 * Memory of some processes, as if nothing else ran from the same files. The bench runs on Node itself, so that the kernel would share out the
 * pages of its program between the bench and the servers on Node, and make those look smaller than they are.
 */
import { readFileSync } from 'node:fs';

/** One mapping of a process: its file, or nothing, and what of it is in memory, in KiB. */
interface Mapping {
  readonly file: string | undefined;
  /** Its share of what is mapped by several processes. */
  readonly share: number;
  readonly resident: number;
  /** What was written to, and so is no longer the file's. */
  readonly anonymous: number;
}

const HEAD = /^[\da-f]+-[\da-f]+ \S+ ([\da-f]+) \S+ (\d+) *(.*)$/;

/** PSS of all of them in KiB; what they have mapped of a file counts once, and as theirs alone. */
export function ownKib(pids: readonly number[]): number {
  let own = 0;
  const files = new Map<string, number>();
  for (const { file, share, resident, anonymous } of pids.flatMap(mappingsOf)) {
    if (file === undefined) own += share;
    else {
      own += Math.min(share, anonymous);
      files.set(file, Math.max(files.get(file) ?? 0, resident - anonymous));
    }
  }
  return own + [...files.values()].reduce((sum, kib) => sum + kib, 0);
}

/** The mappings of a process as `/proc/<pid>/smaps` lists them; none of one that has ended. */
function mappingsOf(pid: number): Mapping[] {
  return parseSmaps(smapsOf(pid));
}

function smapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/smaps`, 'utf8');
  } catch {
    return '';
  }
}

/** @param text the text of an smaps file */
export function parseSmaps(text: string): Mapping[] {
  // Each mapping begins with a line of addresses; the lines below it are its figures.
  return text
    .split(/^(?=[\da-f]+-[\da-f]+ )/m)
    .filter((block) => block !== '')
    .map((block) => {
      const [, offset = '', inode, path = ''] = HEAD.exec(block.slice(0, block.indexOf('\n'))) ?? [];
      const kib = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(block)?.[1] ?? 0);
      return {
        file: inode === '0' ? undefined : `${path} ${offset}`,
        share: kib('Pss'),
        resident: kib('Rss'),
        anonymous: kib('Anonymous'),
      };
    });
}
