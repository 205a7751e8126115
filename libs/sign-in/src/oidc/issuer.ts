import { isIP } from 'node:net';

const CHARACTERS_MAX = 2048;
/** Names that no public DNS answers. What they mean is decided by whoever is asked, such as a cloud's own resolver. */
const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'test',
  'invalid',
  'onion',
  'svc',
];

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

/** Whether it is worth asking the DNS. Addresses are judged where they are connected to. */
export function mayBePublic(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name.startsWith('[') || isIP(name) !== 0) return true;
  return name.includes('.') && !PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}
