import { randomUUID } from 'node:crypto';
import { Needles } from '../harness/needles.js';
import { MEMBER_ROLES } from '#access';
import { firstGroupOf } from '../harness/box.js';
import { anItem } from '../harness/item.js';
import { anOpenIdProvider } from '../harness/openid-provider.js';
import { aMember, anAwsIdentity } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { aDefaultVault, anAwsKmsVault } from '../harness/vault.js';
import type { ApiDocument, Operation } from './api-document.js';
import { FromWorld, type LookUp } from './from-world.js';
import type { PlanSource, RequestPlan } from './request-plan.js';
import { type Thing, Things, meaning } from './things.js';
import type { WireAnswer } from './wire.js';

type Headers = readonly (readonly [name: string, value: string])[];

/** Fields and parameters that stand for something that exists, besides all whose name ends in `Id`. */
const NAMES: ReadonlySet<string> = new Set(['sealed', 'context', 'cursor', 'accountId', 'keyId', 'roleArn', 'issuer', 'clientSecret']);

const KEYS = ['all scopes', 'all scopes, in X-API-Key'];
/** What lies in no box is for services alone. */
const FOR_KEYS: ReadonlySet<string> = new Set(['seal', 'unseal']);

/** A service with something of everything in it, and what the fuzzer knows of it. It learns from answers what else exists. */
export class FuzzWorld implements PlanSource {
  readonly #own = new Things();
  readonly #foreign = new Things();
  readonly #gone = new Things();
  readonly #clients: Thing[] = [];
  readonly #credentials = new Map<string, Headers>();
  /** What no answer may hold. */
  readonly secrets = new Needles();

  private constructor(
    readonly document: ApiDocument,
    private readonly keyhold: Keyhold,
  ) {}

  static async made(keyhold: Keyhold, document: ApiDocument): Promise<FuzzWorld> {
    const world = new FuzzWorld(document, keyhold);
    await world.#knowProvider();
    const [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    await Promise.all([world.#fill(acme, world.#own), world.#fill(globex, world.#foreign)]);
    world.#knowTokens(acme, globex);
    await world.#knowSessions(acme, globex);
    world.#gone.addLasting({ workspaceId: randomUUID() });
    return world;
  }

  /** Requests must name no other issuer: the service would go and look for it. */
  async #knowProvider(): Promise<void> {
    const [place] = this.keyhold.places;
    if (!place) throw new Error('there is no place for an identity provider');
    const provider = await anOpenIdProvider(place);
    const { clientId, clientSecret } = provider.aClient();
    this.#clients.push({ issuer: provider.issuer, clientId, clientSecret });
  }

  async #fill(workspace: Workspace, things: Things): Promise<void> {
    const planted = randomUUID();
    const [defaultVault, { vaultId, customer }] = await Promise.all([aDefaultVault(workspace), anAwsKmsVault(this.keyhold, workspace)]);
    things.addLasting(
      { workspaceId: workspace.id },
      { boxId: workspace.defaultBoxId },
      { ownerGroupId: await firstGroupOf(workspace) },
      { vaultId: workspace.defaultVaultId },
      { vaultId: defaultVault },
      { vaultId },
    );
    things.addLasting(customer.target, ...this.#clients);
    for (const into of [defaultVault, vaultId, workspace.defaultVaultId])
      things.addLasting({ itemId: await anItem(workspace, { planted }, { vaultId: into }) }, await sealedData(workspace, into));
    if (things === this.#foreign) this.secrets.add('what another workspace sealed', Buffer.from(planted));
  }

  #knowTokens(acme: Workspace, globex: Workspace): void {
    this.#know({
      'all scopes': bearer(acme.token),
      'all scopes, in X-API-Key': [['x-api-key', acme.token]],
      'foreign key': bearer(globex.token),
      operator: bearer(this.keyhold.operatorToken),
      none: [],
      twice: [...bearer(acme.token), ['x-api-key', acme.token]],
      unknown: bearer(`khw_${acme.id.replaceAll('-', '')}_${'A'.repeat(43)}`),
      'cut off': bearer(acme.token.slice(0, -1)),
    });
    for (const [name, token] of Object.entries({ acme: acme.token, globex: globex.token, operator: this.keyhold.operatorToken }))
      this.#keepSecret(`the token of ${name}`, token);
    this.secrets.add('the root key', this.keyhold.rootKey);
    this.secrets.add('the credentials for AWS', Buffer.from(this.keyhold.platform.baseCredentials.secretAccessKey));
  }

  async #knowSessions(acme: Workspace, globex: Workspace): Promise<void> {
    for (const role of MEMBER_ROLES) {
      const { token, csrfToken } = await aMember(this.keyhold, acme, role);
      const cookie = ['cookie', `__Host-keyhold-session=${token}`] as const;
      this.#know({
        [role]: bearer(token),
        [`${role}, by cookie`]: [cookie, ['x-csrf-token', csrfToken]],
        [`${role}, by cookie alone`]: [cookie],
      });
      this.#keepSecret(`the session of the ${role}`, token);
    }
    const [aws, foreign] = [await anAwsIdentity(this.keyhold, acme), await aMember(this.keyhold, globex, 'owner')];
    this.#know({ 'AWS identity': bearer(aws.token), 'foreign owner': bearer(foreign.token) });
    this.#keepSecret('the session of another workspace', foreign.token);
  }

  #know(credentials: Readonly<Record<string, Headers>>): void {
    for (const [name, headers] of Object.entries(credentials)) this.#credentials.set(name, headers);
  }

  /** The random part of a token. */
  #keepSecret(name: string, token: string): void {
    this.secrets.add(name, Buffer.from(token.slice(-43)));
  }

  /** The own one. */
  get workspaceId(): string {
    return this.#own.nthWith(['workspaceId'], 0)?.['workspaceId'] ?? '';
  }

  get credentials(): readonly string[] {
    return [...this.#credentials.keys()];
  }

  credentialsFor({ operationId, path }: Operation): readonly string[] {
    if (!path.includes('{workspaceId}')) return ['operator'];
    return FOR_KEYS.has(operationId) ? KEYS : [...KEYS, 'owner', 'owner, by cookie'];
  }

  worldName(operation: Operation, field: string): string | undefined {
    if (field === 'cursor') return cursorOf(operation);
    return field.endsWith('Id') || NAMES.has(field) ? field : undefined;
  }

  headersFor(credential: string): Headers {
    return this.#credentials.get(credential) ?? [];
  }

  /** What the names in a plan stand for. The names of its path belong together. */
  lookUp({ operation, nth }: RequestPlan): LookUp {
    const beside = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').filter((name) => name !== 'workspaceId');
    return (wanted) => {
      const things = { own: this.#own, another: this.#own, foreign: this.#foreign, gone: this.#gone }[wanted.whose];
      return meaning(things, wanted, beside, wanted.whose === 'another' ? nth + 1 : nth) ?? randomUUID();
    };
  }

  /** Takes note of what an operation of the own workspace made, and of what it ended. */
  learn({ operation, method, path }: RequestPlan, lookedUp: LookUp, { status, headers, body }: WireAnswer): void {
    if (status >= 300 || headers['idempotent-replayed'] !== undefined || !isOwn(path['workspaceId'])) return;
    const ids = idsIn(path, lookedUp);
    const answered = (body.length > 0 ? JSON.parse(body.toString()) : {}) as Record<string, unknown>;
    if (method === 'DELETE') this.#forget(ids);
    if (status === 201) this.#add(this.#madeBy(operation), ids, answered);
    if (typeof answered['nextCursor'] === 'string') this.#own.add({ [cursorOf(operation)]: answered['nextCursor'] });
  }

  #forget(ids: Readonly<Record<string, string>>): void {
    const [name, id] = Object.entries(ids).at(-1) ?? [];
    if (name === undefined || id === undefined) return;
    this.#own.drop(name, id);
    this.#gone.add({ [name]: id });
  }

  #add(name: string | undefined, ids: Readonly<Record<string, string>>, answered: Readonly<Record<string, unknown>>): void {
    const made = [answered, ...Object.values(answered)].find((part) => typeof (part as { id?: unknown } | null)?.id === 'string');
    if (name !== undefined && made) this.#own.add({ ...ids, [name]: (made as { id: string }).id });
  }

  /** How a member of the collection that an operation adds to is called in paths. */
  #madeBy({ path }: Operation): string | undefined {
    const member = this.document.operations.find((other) => other.path.startsWith(`${path}/{`));
    return member && /\{(\w+)\}/.exec(member.path.slice(path.length))?.[1];
  }
}

const isOwn = (workspace: unknown): boolean => workspace instanceof FromWorld && workspace.whose === 'own';

const bearer = (token: string): Headers => [['authorization', `Bearer ${token}`]];

const cursorOf = ({ operationId }: Operation): string => `cursor of ${operationId}`;

function idsIn(path: RequestPlan['path'], lookUp: LookUp): Record<string, string> {
  const entries = Object.entries(path).map(([name, value]) => [name, value instanceof FromWorld ? String(lookUp(value)) : ''] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== 'workspaceId'));
}

async function sealedData(workspace: Workspace, vaultId: string): Promise<{ context: string; sealed: string }> {
  const context = randomUUID();
  const { body } = await workspace.call('POST', '/seal', { vaultId, context, payload: { context } });
  return { context, sealed: body.sealed as string };
}
