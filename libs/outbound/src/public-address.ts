import { BlockList, isIP } from 'node:net';

/** IPv4 that is no host of the internet: own network, this machine, metadata services, documentation, multicast, reserved. */
const NOT_PUBLIC_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32', // a public number behind which Azure keeps its metadata
];

/** All that is handed out to hosts. Everything else, embedded IPv4 included, is something special. */
const GLOBAL_IPV6 = '2000::/3';
/** Inside it: protocols, Teredo, documentation, and 6to4, which leads to an IPv4 address. */
const NOT_PUBLIC_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

const blocked4 = networks('ipv4', NOT_PUBLIC_IPV4);
const blocked6 = networks('ipv6', NOT_PUBLIC_IPV6);
const global6 = networks('ipv6', [GLOBAL_IPV6]);

/** Whether this is the address of a host on the internet. What is no address is none. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !blocked4.check(address, 'ipv4');
  return family === 6 && global6.check(address, 'ipv6') && !blocked6.check(address, 'ipv6');
}

function networks(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
