import { isIP } from 'node:net';

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

/** Whether it is worth asking the DNS. Addresses are judged where they are connected to. */
export function mayBePublic(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name.startsWith('[') || isIP(name) !== 0) return true;
  return name.includes('.') && !PRIVATE_SUFFIXES.some((suffix) => name.endsWith(`.${suffix}`));
}
