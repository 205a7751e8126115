import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { OutboundError } from './outbound-error.js';
import { isPublicAddress } from './public-address.js';
import { mayBePublic } from './public-name.js';

export interface HostAddress {
  address: string;
  family: 4 | 6;
}

const RESOLVE_MS = 2_000;

/**
 * Where a URL that somebody else gave may be connected to. Whoever administers a workspace names its identity providers and the
 * receivers of its alerts, and a provider names its endpoints: none of them may lead this service to what only it can reach. The
 * answer is what must be connected to: a name that is looked up a second time may mean something else.
 */
export class OutboundAddresses {
  /**
   * @param privateOrigins that the operator allows wherever they are
   * @param servers of the DNS, `address:port`; those of the machine when not given
   */
  constructor(
    private readonly privateOrigins: ReadonlySet<string>,
    private readonly servers?: readonly string[],
  ) {}

  /** At least one. Throws OutboundError `url_not_allowed`, `address_not_allowed` or `name_not_found`. */
  async of(url: URL, signal: AbortSignal): Promise<HostAddress[]> {
    const isPrivate = this.privateOrigins.has(url.origin);
    if (url.protocol !== 'https:' || url.username || url.password) throw new OutboundError('url_not_allowed');
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const found = isIP(hostname) === 0 ? await this.#resolve(hostname, isPrivate, signal) : [hostname];
    if (found.length === 0) throw new OutboundError('name_not_found');
    // all of them: a name with one that is public and one that is not is somebody's trick
    if (!isPrivate && !found.every(isPublicAddress)) throw new OutboundError('address_not_allowed');
    return found.map((address) => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
  }

  #resolve(name: string, isPrivate: boolean, signal: AbortSignal): Promise<string[]> {
    if (isPrivate) return namesOfTheMachine(name);
    if (!mayBePublic(name)) throw new OutboundError('address_not_allowed');
    return this.#namesOfTheDns(name, signal);
  }

  /** Not by the threads that look up names for the rest of the service: a name that is slow on purpose would keep them. */
  async #namesOfTheDns(name: string, signal: AbortSignal): Promise<string[]> {
    const resolver = new Resolver({ timeout: RESOLVE_MS, tries: 2 });
    if (this.servers) resolver.setServers(this.servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }
}

async function namesOfTheMachine(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new OutboundError('name_not_found', { cause });
  }
}
