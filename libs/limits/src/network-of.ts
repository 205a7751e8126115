import { isIPv6 } from 'node:net';

const GROUPS = 8;
/** A household or a machine gets a whole /64, and may change the rest at will. */
const NETWORK_GROUPS = 4;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** What counts as one address: an IPv4 address, or an IPv6 network of 64 bits, however it is written. */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%'); // without the zone
  const mapped = MAPPED_IPV4.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(bare) ? `${groupsOf(bare).slice(0, NETWORK_GROUPS).join(':')}::/64` : bare;
}

/** The eight groups, without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = [], tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const filled = tail ? [...head, ...Array.from({ length: GROUPS - head.length - tail.length }, () => '0'), ...tail] : head;
  return filled.map((group) => Number.parseInt(group, 16).toString(16));
}
