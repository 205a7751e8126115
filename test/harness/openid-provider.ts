import { randomBytes, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProviderPlace } from './provider-place.js';

/** Somebody whom a provider knows. */
export interface Account {
  /** `sub` */
  subject: string;
  email?: string;
  email_verified?: boolean | string;
  name?: string;
  groups?: string | string[];
}

export interface OpenIdProvider {
  issuer: string;
  /** What is told about people, by their subject; may change at any time. */
  accounts: Map<string, Account>;
  /** A client as the provider's administrator makes it; where it sends people back to is told later. */
  aClient(): ProviderClient;
  /** A JWT with the provider's own key. */
  sign(claims: JWTPayload): Promise<string>;
}

export interface ProviderClient {
  clientId: string;
  clientSecret: string;
  sendsBackTo(redirectUri: string): void;
}

/** Whether claims stand in the ID token, or are told to whoever asks for them with the access token. */
export type ClaimsIn = 'id-token' | 'userinfo';

const HOUR = 3_600;
const SIGN_IN_PAGES = '/who-are-you/';

/** A form for the account's name; who sends it is that account. Without a name they do not want to. */
async function signInPage(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<form method="post"><input name="account"></form>');
    return;
  }
  const accountId = new URLSearchParams(await text(request)).get('account');
  const result = accountId ? { login: { accountId } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** A whole OpenID provider, with a page where people sign in. */
export async function anOpenIdProvider(
  place: ProviderPlace,
  claimsIn: ClaimsIn = 'id-token',
  more: Configuration = {},
): Promise<OpenIdProvider> {
  const accounts = new Map<string, Account>();
  const clients = new Map<string, AdapterPayload>();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
  const provider: Provider = new Provider(place.origin, {
    adapter: (model) => (model === 'Client' ? knownClients(clients) : new InMemory()),
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    conformIdTokenClaims: claimsIn === 'userinfo',
    findAccount: (_ctx, id) => {
      const account = accounts.get(id);
      if (!account) return undefined;
      const { subject, ...claims } = account;
      return { accountId: subject, claims: () => ({ sub: subject, ...claims }) };
    },
    renderError: (ctx, out) => void (ctx.body = out.error),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `${SIGN_IN_PAGES}${uid}` },
    // consent is not asked for: whoever signs in has given it
    loadExistingGrant: async ({ oidc }) => {
      const grant = new provider.Grant({ accountId: oidc.session?.accountId ?? '', clientId: oidc.client?.clientId ?? '' });
      grant.addOIDCScope('openid email profile groups');
      await grant.save();
      return grant;
    },
    ttl: { Interaction: HOUR, Grant: HOUR, Session: HOUR, AccessToken: HOUR, IdToken: HOUR },
    ...more,
  });
  place.serve((request, response) => {
    if (request.url?.startsWith(SIGN_IN_PAGES)) void signInPage(provider, request, response);
    else void provider.callback()(request, response);
  });
  return {
    issuer: place.origin,
    accounts,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(privateKey),
    aClient() {
      const [clientId, clientSecret] = [`keyhold-${randomUUID()}`, randomBytes(32).toString('base64url')];
      const client = { client_id: clientId, client_secret: clientSecret, redirect_uris: ['https://nowhere.example/'] };
      clients.set(clientId, client);
      return { clientId, clientSecret, sendsBackTo: (uri) => void clients.set(clientId, { ...client, redirect_uris: [uri] }) };
    },
  };
}

function knownClients(clients: ReadonlyMap<string, AdapterPayload>): Adapter {
  const store: Adapter = new InMemory();
  store.find = (id) => Promise.resolve(clients.get(id));
  return store;
}

/** What the provider remembers of codes, grants and sessions. */
class InMemory implements Adapter {
  static readonly #uids = new Map<string, string>();
  readonly #payloads = new Map<string, AdapterPayload>();

  upsert(id: string, payload: AdapterPayload): Promise<undefined> {
    this.#payloads.set(id, payload);
    if (payload.uid) InMemory.#uids.set(payload.uid, id);
    return Promise.resolve(undefined);
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.#payloads.get(id));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.find(InMemory.#uids.get(uid) ?? '');
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(id: string): Promise<undefined> {
    const payload = this.#payloads.get(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve(undefined);
  }

  destroy(id: string): Promise<undefined> {
    this.#payloads.delete(id);
    return Promise.resolve(undefined);
  }

  revokeByGrantId(grantId: string): Promise<undefined> {
    for (const [id, payload] of this.#payloads) if (payload.grantId === grantId) this.#payloads.delete(id);
    return Promise.resolve(undefined);
  }
}
