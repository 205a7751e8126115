/** What a query API's answer is made of; arrays become `<member>` elements, undefined is left out. */
export type XmlValue = string | number | boolean | undefined | readonly XmlValue[] | { readonly [name: string]: XmlValue };

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export const xmlText = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

export function xmlElement(name: string, value: XmlValue, namespace?: string): string {
  if (value === undefined) return '';
  const open = namespace === undefined ? `<${name}>` : `<${name} xmlns="${xmlText(namespace)}">`;
  return `${open}${content(value)}</${name}>`;
}

function content(value: Exclude<XmlValue, undefined>): string {
  if (typeof value !== 'object') return xmlText(String(value));
  if (isList(value)) return value.map((member) => xmlElement('member', member)).join('');
  return Object.entries(value)
    .map(([name, child]) => xmlElement(name, child))
    .join('');
}

const isList = (value: object): value is readonly XmlValue[] => Array.isArray(value);
