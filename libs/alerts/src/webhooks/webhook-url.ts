import { mayBePublic } from '#outbound';

const CHARACTERS_MAX = 2048;

/**
 * The URL of a receiver as an administrator gives it: https, without a user or a fragment, and a name of the public DNS or a public
 * address behind it. Undefined for everything else.
 *
 * @param privateOrigins what the operator allows besides
 */
export function readWebhookUrl(text: string, privateOrigins: ReadonlySet<string>): URL | undefined {
  if (text.length > CHARACTERS_MAX || !/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.username || url.password || text.includes('#')) return undefined;
  return privateOrigins.has(url.origin) || mayBePublic(url.hostname) ? url : undefined;
}
