import { mayBePublic } from '#outbound';

const CHARACTERS_MAX = 2048;
/**
 * The URL of an issuer as an administrator gives it: https, and a name of the public DNS or a public address behind it. Exactly
 * the text that the provider calls itself by: one that a URL parser would change is refused. Undefined for everything else.
 *
 * @param privateOrigins what the operator allows besides
 */
export function readIssuer(text: string, privateOrigins: ReadonlySet<string>): URL | undefined {
  if (text.length > CHARACTERS_MAX || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isSame = text === url.href || `${text}/` === url.href;
  if (!isSame || url.username || url.password || /[?#]/.test(text) || url.pathname.includes('/.well-known/')) return undefined;
  return url.protocol === 'https:' && (privateOrigins.has(url.origin) || mayBePublic(url.hostname)) ? url : undefined;
}
