import { readFileSync } from 'node:fs';
import { variableOf } from '../variables.js';

const ROW = /^\| `(?<variable>KEYHOLD_\w+)` \| (?<processes>[^|]+) \| (?<value>[^|]+) \|/gm;
const NONE = '–';

/** Each variable that docs/settings.md says this process reads, with its default as it stands there. */
export function documentedSettings(process: 'API' | 'worker'): Record<string, string> {
  const rows = [...readFileSync('docs/settings.md', 'utf8').matchAll(ROW)].map(({ groups }) => groups ?? {});
  const own = rows.filter(({ processes }) => processes?.split(', ').includes(process));
  return Object.fromEntries(own.map(({ variable = '', value = '' }) => [variable, value.replaceAll('`', '')]));
}

/** What the page must say of `properties`, of which `defaults` has those that have one. */
export function settingsToDocument(properties: Iterable<string>, defaults: object): Record<string, string> {
  const values = new Map(Object.entries(defaults as Record<string, string | number | readonly string[]>));
  return Object.fromEntries([...properties].map((property) => [variableOf(property), values.get(property)?.toString() || NONE]));
}
