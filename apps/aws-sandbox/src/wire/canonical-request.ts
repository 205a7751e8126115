import { createHash } from 'node:crypto';
import { type ReceivedRequest } from './received-request.js';

export const sha256Hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

/** The text that was signed, built from what arrived; the body's hash is our own, never the header's word. */
export function canonicalRequest(request: ReceivedRequest, signedHeaders: readonly string[], bodyHash: string): string {
  return [
    request.method,
    request.path,
    canonicalQuery(request.rawQuery),
    ...signedHeaders.map((name) => `${name}:${canonicalValue(request.headers.get(name))}`),
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
}

const canonicalValue = (values: readonly string[] | undefined): string =>
  (values ?? []).map((value) => value.trim().replace(/ +/g, ' ')).join(',');

function canonicalQuery(rawQuery: string): string {
  if (rawQuery === '') return '';
  return rawQuery
    .split('&')
    .map(encodedPair)
    .sort(([nameA, valueA], [nameB, valueB]) => order(nameA, nameB) || order(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function encodedPair(pair: string): readonly [string, string] {
  const [name = '', ...value] = pair.split('=');
  return [uriEncode(uriDecode(name)), uriEncode(uriDecode(value.join('=')))];
}

function uriDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // a stray percent sign stands for itself
  }
}

/** RFC 3986: everything but the unreserved characters. */
const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
