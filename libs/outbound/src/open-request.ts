import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { HostAddress } from './outbound-addresses.js';

export interface OutboundRequest {
  method: string;
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

const HEADER_BYTES_MAX = 16 * 1024;

/**
 * One request on a connection of its own, to addresses that were judged just before: no redirects, no proxies, no encodings. The
 * caller ends it, bounds its answer and destroys it.
 */
export function openRequest(url: URL, addresses: readonly HostAddress[], { method, headers, signal }: OutboundRequest): ClientRequest {
  const { hostname } = url;
  return request(url, {
    method,
    headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'keyhold/1' },
    agent: false,
    lookup: pinnedTo(addresses),
    signal,
    maxHeaderSize: HEADER_BYTES_MAX,
    servername: isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '',
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
}

/** Answers what was judged, whatever is asked. */
function pinnedTo(addresses: readonly HostAddress[]): LookupFunction {
  return (_name, { all }, answer) => {
    const [first] = addresses;
    if (all) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}
