import { MEMBER_ROLES } from '#access';
import type { Needles } from '../harness/needles.js';
import { aMember, anAwsIdentity } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { aSetupLink } from '../harness/setup-link.js';
import { type Headers, bearer } from './headers.js';
import { DEPLOYMENT, type Signatures } from './signatures.js';

/** Everything that requests come with, good and bad, by name. What is secret of it is kept in mind. */
export class Credentials {
  readonly #sessions = new Set<string>();
  readonly #known = new Map<string, () => Headers>();

  constructor(private readonly secrets: Needles) {}

  get names(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Those that no request can end: whoever signs out takes a session from all requests to come. */
  get unending(): readonly string[] {
    return this.names.filter((name) => !this.#sessions.has(name));
  }

  headersOf(name: string): Headers {
    return this.#known.get(name)?.() ?? [];
  }

  addTokens(keyhold: Keyhold, acme: Workspace, globex: Workspace): void {
    this.#add({
      'all scopes': bearer(acme.token),
      'all scopes, in X-API-Key': [['x-api-key', acme.token]],
      'foreign key': bearer(globex.token),
      operator: bearer(keyhold.operatorToken),
      none: [],
      twice: [...bearer(acme.token), ['x-api-key', acme.token]],
      unknown: bearer(`khw_${acme.id.replaceAll('-', '')}_${'A'.repeat(43)}`),
      'cut off': bearer(acme.token.slice(0, -1)),
    });
    this.#keepSecret({ acme: acme.token, globex: globex.token, operator: keyhold.operatorToken });
    this.secrets.add('the root key', keyhold.rootKey);
    this.secrets.add('the credentials for AWS', Buffer.from(keyhold.platform.baseCredentials.secretAccessKey));
  }

  /** Keys that were good once: one that expired, one that was revoked. */
  async addKeysOfThePast({ database }: Keyhold, acme: Workspace): Promise<void> {
    const made = async (name: string): Promise<{ apiKey: { id: string }; token: string }> =>
      (await acme.call('POST', '/api-keys', { name, scopes: ['vault:read', 'item:read'] })).body as never;
    const [expired, revoked] = [await made('Expired'), await made('Revoked')];
    await database.asAdmin(`UPDATE api_keys SET expires_at = now() WHERE api_key_id = $1`, [expired.apiKey.id]);
    await acme.call('DELETE', `/api-keys/${revoked.apiKey.id}`);
    this.#add({ 'expired key': bearer(expired.token), 'revoked key': bearer(revoked.token) });
  }

  /** A session for each role. `heir` is somebody to whom the workspace may be handed over, and who may hand it back. */
  async addSessions(keyhold: Keyhold, acme: Workspace, globex: Workspace): Promise<{ heir: string }> {
    const heir = await aMember(keyhold, acme, 'super_admin');
    this.#addSessions({ heir: bearer(heir.token) });
    for (const role of MEMBER_ROLES) this.#addSession(role, await aMember(keyhold, acme, role));
    const [aws, foreign] = [await anAwsIdentity(keyhold, acme), await aMember(keyhold, globex, 'owner')];
    this.#addSessions({ 'AWS identity': bearer(aws.token), 'foreign owner': bearer(foreign.token) });
    this.#keepSecret({ heir: heir.token, 'AWS identity': aws.token, 'foreign owner': foreign.token });
    return { heir: heir.memberId };
  }

  /** Links for AWS administrators: one that is good, one that was. */
  async addSetupLinks(keyhold: Keyhold, acme: Workspace): Promise<void> {
    const good = await aSetupLink(keyhold, acme);
    const over = await aSetupLink(keyhold, acme, { expiresAt: new Date(Date.now() - 1_000) });
    this.#add({ 'set-up link': bearer(good.token), 'expired set-up link': bearer(over.token) });
    this.#keepSecret({ 'a set-up link': good.token });
  }

  addSignatures(signatures: Signatures, { id }: Workspace): void {
    const host = ['host', `${id}.${DEPLOYMENT.KEYHOLD_WORKSPACE_HOST_SUFFIX}`] as const;
    this.#known.set('AWS signature', () => signatures.nextHeaders());
    this.#known.set('AWS signature, by host', () => [...signatures.nextHeaders(), host]);
  }

  #addSession(role: string, { token, csrfToken }: { token: string; csrfToken: string }): void {
    const cookie = ['cookie', `__Host-keyhold-session=${token}`] as const;
    this.#addSessions({
      [role]: bearer(token),
      [`${role}, by cookie`]: [cookie, ['x-csrf-token', csrfToken]],
      [`${role}, by cookie alone`]: [cookie],
    });
    this.#keepSecret({ [role]: token });
  }

  #addSessions(sessions: Readonly<Record<string, Headers>>): void {
    for (const name of Object.keys(sessions)) this.#sessions.add(name);
    this.#add(sessions);
  }

  #add(credentials: Readonly<Record<string, Headers>>): void {
    for (const [name, headers] of Object.entries(credentials)) this.#known.set(name, () => headers);
  }

  /** The random part of each. */
  #keepSecret(tokens: Readonly<Record<string, string>>): void {
    for (const [name, token] of Object.entries(tokens)) this.secrets.add(`the token of ${name}`, Buffer.from(token.slice(-43)));
  }
}
