import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsLimits, StaticCredentials } from './aws-options.js';
import { type AwsRegion, type AwsService, serviceEndpoint } from './regions.js';
import type { RoleSession } from './role-session.js';

const USER_AGENT = 'keyhold/1';

/**
 * Makes the SDK's clients. A client belongs to one session and one Region and has static credentials: with a credential provider
 * that looks at who is asking, the SDK signs one tenant's call with another tenant's credentials, because it memoizes per client.
 * Connections are shared by all clients of a Region. Clients are dropped, never destroyed: that would close the shared pool.
 */
export class RegionalClients {
  readonly #handlers = new Map<AwsRegion, NodeHttpHandler>();
  readonly #kms = new WeakMap<RoleSession, Map<AwsRegion, KMSClient>>();
  readonly #sts = new WeakMap<RoleSession, Map<AwsRegion, STSClient>>();

  constructor(
    private readonly endpoint: string | undefined,
    private readonly limits: AwsLimits,
  ) {}

  kms(session: RoleSession, region: AwsRegion): KMSClient {
    return ofSession(this.#kms, session, region, () => {
      return new KMSClient({ ...this.#settings('kms', region), credentials: session.credentials() });
    });
  }

  sts(session: RoleSession, region: AwsRegion): STSClient {
    return ofSession(this.#sts, session, region, () => this.baseSts(region, session.credentials()));
  }

  /** A new client. Without credentials the SDK's default chain finds the base identity. */
  baseSts(region: AwsRegion, credentials?: StaticCredentials): STSClient {
    // a copy: the SDK writes into the object that it is given
    return new STSClient({ ...this.#settings('sts', region), ...(credentials && { credentials: { ...credentials } }) });
  }

  /** Closes idle connections, for a process that ends. */
  close(): void {
    for (const handler of this.#handlers.values()) handler.destroy();
  }

  /** Every setting that the SDK would otherwise take from the environment or a profile is given: the host above all. */
  #settings(service: AwsService, region: AwsRegion) {
    return {
      region,
      endpoint: this.endpoint ?? serviceEndpoint(service, region),
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
      defaultsMode: 'standard' as const,
      retryMode: 'standard',
      maxAttempts: 1,
      customUserAgent: USER_AGENT,
      requestHandler: this.#handler(region),
    };
  }

  #handler(region: AwsRegion): NodeHttpHandler {
    const known = this.#handlers.get(region);
    if (known) return known;
    const agent = { keepAlive: true, maxSockets: this.limits.socketsMax };
    const handler = new NodeHttpHandler({
      connectionTimeout: this.limits.connectMs,
      requestTimeout: this.limits.attemptMs,
      throwOnRequestTimeout: true,
      socketTimeout: this.limits.attemptMs,
      httpAgent: agent,
      httpsAgent: agent,
    });
    this.#handlers.set(region, handler);
    return handler;
  }
}

function ofSession<C>(clients: WeakMap<RoleSession, Map<AwsRegion, C>>, session: RoleSession, region: AwsRegion, make: () => C): C {
  const ofThis = clients.get(session) ?? new Map<AwsRegion, C>();
  clients.set(session, ofThis);
  const client = ofThis.get(region) ?? make();
  ofThis.set(region, client);
  return client;
}
