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
import { DEPLOYMENT, FreshSignatures } from './fresh-things.js';
import { FromWorld, type LookUp } from './from-world.js';
import type { PlanSource, RequestPlan } from './request-plan.js';
import { type Thing, Things, meaning } from './things.js';
import type { WireAnswer } from './wire.js';

type Headers = readonly (readonly [name: string, value: string])[];

/** Fields and parameters that stand for something that exists, besides all whose name ends in `Id`. */
const NAMES: ReadonlySet<string> = new Set([
  'sealed',
  'context',
  'cursor',
  'accountId',
  'keyId',
  'roleArn',
  'issuer',
  'clientSecret',
  'arn',
]);
/** Fields named after what they are for, by what they hold. */
const ALIASES: Readonly<Record<string, string>> = { ownerGroupId: 'groupId' };

const PEOPLE = 12;
const KEYS = ['all scopes', 'all scopes, in X-API-Key'];
/** Where not everybody who may do most of the rest can succeed. */
const CREDENTIALS: Readonly<Record<string, readonly string[]>> = {
  seal: KEYS,
  unseal: KEYS,
  transferOwnership: ['owner', 'heir'],
  signInWithAws: ['none'],
  cerberusStsIdentity: ['AWS signature'],
  cerberusStsIdentityByHost: ['AWS signature, by host'],
};
/** Operations whose body holds a signature. */
const IS_SIGNED: ReadonlySet<string> = new Set(['signInWithAws']);
const SIGNATURE: ReadonlySet<string> = new Set(['region', 'authorization', 'amzDate', 'securityToken']);

/** A service with something of everything in it, and what the fuzzer knows of it. It learns from answers what else exists. */
export class FuzzWorld implements PlanSource {
  readonly #own = new Things();
  readonly #foreign = new Things();
  readonly #gone = new Things();
  readonly #clients: Thing[] = [];
  readonly #credentials = new Map<string, () => Headers>();
  #signatures: FreshSignatures | undefined;
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
    await world.#knowSigners(acme);
    await world.#knowPeople(acme);
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
    const heir = await aMember(this.keyhold, acme, 'super_admin');
    this.#know({ heir: bearer(heir.token) });
    this.#own.addLasting({ heir: heir.memberId }, { heir: acme.ownerInvitation.memberId });
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

  /** Who has come, and in which groups they are: whoever is only invited cannot be suspended, or own anything. */
  async #knowPeople(acme: Workspace): Promise<void> {
    for (let nth = 0; nth < PEOPLE; nth += 1) {
      const { memberId } = await aMember(this.keyhold, acme, 'user');
      const { body } = await acme.call('POST', '/groups', { name: `Group ${nth}` });
      const groupId = body.id as string;
      await acme.call('PUT', `/groups/${groupId}/members/${memberId}`);
      this.#own.addLasting({ memberId }, { groupId }, { groupId, memberId });
    }
  }

  async #knowSigners(acme: Workspace): Promise<void> {
    const signatures = await FreshSignatures.made(this.keyhold, acme);
    this.#signatures = signatures;
    this.#own.addLasting({ place: acme.id }, ...signatures.arns.map((arn) => ({ arn })));
    this.#credentials.set('AWS signature', () => headersOf(signatures.next()));
    const host = ['host', `${acme.id}.${DEPLOYMENT.KEYHOLD_WORKSPACE_HOST_SUFFIX}`] as const;
    this.#credentials.set('AWS signature, by host', () => [...headersOf(signatures.next()), host]);
  }

  #know(credentials: Readonly<Record<string, Headers>>): void {
    for (const [name, headers] of Object.entries(credentials)) this.#credentials.set(name, () => headers);
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
    const special = CREDENTIALS[operationId];
    if (special) return special;
    return path.includes('{workspaceId}') ? [...KEYS, 'owner', 'owner, by cookie'] : ['operator'];
  }

  worldName(operation: Operation, field: string): string | undefined {
    if (field === 'cursor') return cursorOf(operation);
    if (operation.operationId === 'transferOwnership' && field === 'memberId') return 'heir';
    if (SIGNATURE.has(field) && IS_SIGNED.has(operation.operationId)) return field;
    return ALIASES[field] ?? (field.endsWith('Id') || NAMES.has(field) ? field : undefined);
  }

  inPath({ operationId }: Operation, name: string): FromWorld {
    return new FromWorld(name, operationId === 'restoreBox' && name === 'boxId' ? 'gone' : 'own');
  }

  headersFor(credential: string): Headers {
    return this.#credentials.get(credential)?.() ?? [];
  }

  /** What the names in a plan stand for. The names of its path belong together. */
  lookUp({ operation, nth }: RequestPlan): LookUp {
    const beside = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').filter((name) => name !== 'workspaceId');
    const fresh = IS_SIGNED.has(operation.operationId) ? this.#signatures?.next() : undefined;
    return (wanted) => {
      if (wanted.whose === 'own' && fresh && wanted.name in fresh) return fresh[wanted.name];
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
    if (method === 'PUT' && status === 204) this.#own.add(ids);
    if (status === 201) this.#add(this.#madeBy(operation), ids, answered);
    if (typeof answered['nextCursor'] === 'string') this.#own.add({ [cursorOf(operation)]: answered['nextCursor'] });
  }

  #forget(ids: Thing): void {
    if (Object.keys(ids).length > 0) this.#own.drop(ids);
    this.#gone.add(ids);
  }

  #add(name: string | undefined, ids: Thing, answered: Readonly<Record<string, unknown>>): void {
    const made = [answered, ...Object.values(answered)].find((part) => typeof (part as { id?: unknown } | null)?.id === 'string');
    if (name === undefined || !made) return;
    const { id, ...fields } = made as Record<string, unknown> & { id: string };
    const besides = Object.entries(fields).filter(
      (field): field is [string, string] => /Id$/.test(field[0]) && typeof field[1] === 'string',
    );
    this.#own.add({ ...Object.fromEntries(besides), ...ids, [name]: id });
  }

  /** How a member of the collection that an operation adds to is called in paths. */
  #madeBy({ path }: Operation): string | undefined {
    const member = this.document.operations.find((other) => other.path.startsWith(`${path}/{`));
    return member && /\{(\w+)\}/.exec(member.path.slice(path.length))?.[1];
  }
}

const isOwn = (workspace: unknown): boolean => workspace instanceof FromWorld && workspace.whose === 'own';

const headersOf = ({ authorization = '', amzDate = '', securityToken = '' }: Thing): Headers => [
  ['authorization', authorization],
  ['x-amz-date', amzDate],
  ['x-amz-security-token', securityToken],
];

const bearer = (token: string): Headers => [['authorization', `Bearer ${token}`]];

const cursorOf = ({ operationId }: Operation): string => `cursor of ${operationId}`;

function idsIn(path: RequestPlan['path'], lookUp: LookUp): Thing {
  const meant = Object.entries(path).filter(([name, value]) => name !== 'workspaceId' && value instanceof FromWorld);
  return Object.fromEntries(meant.map(([name, value]) => [name, String(lookUp(value as FromWorld))]));
}

async function sealedData(workspace: Workspace, vaultId: string): Promise<{ context: string; sealed: string }> {
  const context = randomUUID();
  const { body } = await workspace.call('POST', '/seal', { vaultId, context, payload: { context } });
  return { context, sealed: body.sealed as string };
}
