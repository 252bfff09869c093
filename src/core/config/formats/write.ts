/** Config files of all formats, from pairs to text. What is read from it again is the same. */
import { ConfigConversionError } from '../../errors/config-conversion.ts';
import type { ConfigDocument, ConfigFormat, ConfigPair } from './document.ts';
import { layOut, type Layout } from './layout.ts';
import { writeIni } from './write-ini.ts';
import { writeJson } from './write-json.ts';
import { writeXml } from './write-xml.ts';
import { writeYaml } from './write-yaml.ts';

const WRITERS: Readonly<Record<ConfigFormat, (layout: Layout, section: string) => string>> = {
  ini: writeIni,
  yaml: writeYaml,
  json: writeJson,
  xml: writeXml,
};

/**
 * A whole file with one section. Comments are kept where the format has them: in all but JSON.
 *
 * @throws ConfigConversionError where it has no way to write a key or a value.
 */
export function writeDocument(format: ConfigFormat, document: ConfigDocument, section: string): string {
  for (const pair of document.pairs) refuseBrokenText(pair);
  return WRITERS[format](layOut(document), section);
}

/** Such characters are in no file that was read, but JSON has escapes for them. */
function refuseBrokenText(pair: ConfigPair): void {
  if (!/[\0\p{Cs}]/u.test(pair.key + pair.value)) return;
  throw new ConfigConversionError(pair, 'it holds a NUL, or half of a character', ['remove it']);
}
