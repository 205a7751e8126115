import { randomUUID } from 'node:crypto';
import { SETUP_FILES } from '#aws';
import { Needles } from '../harness/needles.js';
import { anItem } from '../harness/item.js';
import { aJob } from '../harness/job.js';
import { anOpenIdProvider } from '../harness/openid-provider.js';
import { aMember } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { aProposal, aSetupLink } from '../harness/setup-link.js';
import { aDefaultVault, aManagedVault, anAwsKmsVault } from '../harness/vault.js';
import type { ApiDocument, Operation } from './api-document.js';
import { Credentials } from './credentials.js';
import { FromWorld, type LookUp, remembering } from './from-world.js';
import { type Headers, bearer } from './headers.js';
import { APART, NAMES_OF, SERVICES } from './operations-apart.js';
import { type Identified, People } from './people.js';
import type { PlanSource, RequestPlan } from './request-plan.js';
import { Signatures } from './signatures.js';
import { thingsOfAlerts, thingsOfVaults } from './things-of-keys.js';
import { type Thing, Things, meaning } from './things.js';
import type { WireAnswer } from './wire.js';

/** Fields and parameters that stand for something that exists, besides all whose name ends in `Id`. */
const NAMES: ReadonlySet<string> = new Set(['sealed', 'context', 'keyId', 'roleArn', 'issuer', 'clientSecret', 'arn', 'url']);
/** Fields named after what they are for, by what they hold. */
const ALIASES: Readonly<Record<string, string>> = { ownerGroupId: 'groupId', sourceVaultId: 'vaultId' };

const MEMBERS = 12;
const ITEMS = 12;
const PROPOSALS = 6;
const JOBS = 24;
/** Each can be restored once. */
const DELETED_VAULTS = 6;

/** A plan with what it needs of the world for one sending. */
export interface Prepared {
  lookUp: LookUp;
  headers: Headers;
  /** Takes note of what came of it. */
  learn(answer: WireAnswer): void;
}

/** A service with something of everything in it, and what the fuzzer knows of it. It learns from answers what else exists. */
export class FuzzWorld implements PlanSource {
  readonly #own = new Things();
  readonly #foreign = new Things();
  readonly #gone = new Things();
  /** What no answer may hold. */
  readonly secrets = new Needles();
  readonly #credentials = new Credentials(this.secrets);

  private constructor(
    readonly document: ApiDocument,
    private readonly signatures: Signatures,
    private readonly people: People,
    /** The own one. */
    readonly workspaceId: string,
  ) {}

  static async made(keyhold: Keyhold, document: ApiDocument): Promise<FuzzWorld> {
    const [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
    const signatures = await Signatures.made(keyhold, acme);
    const world = new FuzzWorld(document, signatures, await People.made(keyhold, acme), acme.id);
    const client = await aClientOfAProvider(keyhold);
    await world.#fill(keyhold, acme, world.#own, client);
    await world.#fill(keyhold, globex, world.#foreign, client);
    world.#own.addLasting({ place: acme.id }, ...signatures.arns.map((arn) => ({ arn })), { heir: acme.ownerInvitation.memberId });
    world.#own.addLasting(...Object.keys(SETUP_FILES).map((file) => ({ file })));
    world.#gone.addLasting({ workspaceId: randomUUID() }, ...(await deletedVaults(acme)));
    await world.#addCredentials(keyhold, acme, globex);
    return world;
  }

  async #addCredentials(keyhold: Keyhold, acme: Workspace, globex: Workspace): Promise<void> {
    this.#credentials.addTokens(keyhold, acme, globex);
    await this.#credentials.addKeysOfThePast(keyhold, acme);
    await this.#credentials.addSetupLinks(keyhold, acme);
    this.#own.addLasting(await this.#credentials.addSessions(keyhold, acme, globex));
    this.#credentials.addSignatures(this.signatures, acme);
  }

  async #fill(keyhold: Keyhold, workspace: Workspace, things: Things, client: Thing): Promise<void> {
    const planted = randomUUID();
    const [defaultVault, { vaultId, customer }] = [await aDefaultVault(workspace), await anAwsKmsVault(keyhold, workspace)];
    things.addLasting({ workspaceId: workspace.id }, { boxId: workspace.defaultBoxId }, customer.target, client);
    for (const into of [defaultVault, vaultId, workspace.defaultVaultId]) {
      const itemId = await anItem(workspace, { planted }, { vaultId: into });
      things.addLasting({ vaultId: into }, { itemId }, await sealedData(workspace, into));
    }
    for (let nth = 0; nth < PROPOSALS; nth += 1)
      things.addLasting({ linkId: (await aSetupLink(keyhold, workspace)).linkId }, { proposalId: await aProposal(keyhold, workspace) });
    for (let nth = 0; nth < JOBS; nth += 1) things.addLasting({ jobId: await aJob(keyhold, workspace.id, { vaultId }) });
    for (let nth = 0; nth < ITEMS; nth += 1) things.addLasting({ itemId: await anItem(workspace, { planted }, { vaultId }) });
    things.addLasting(...(await thingsOfAlerts(keyhold, workspace)), ...(await thingsOfVaults(keyhold, workspace)));
    for (let nth = 0; nth < MEMBERS; nth += 1) things.addLasting(...(await aMemberInAGroup(keyhold, workspace)));
    if (things === this.#foreign) this.secrets.add('what another workspace sealed', Buffer.from(planted));
  }

  otherCredentials({ path }: Operation): readonly string[] {
    return path.endsWith('/session') ? this.#credentials.unending : this.#credentials.names;
  }

  credentialsFor({ operationId, path }: Operation): readonly string[] {
    const most = path.includes('{workspaceId}') ? [...SERVICES, 'owner', 'owner, by cookie'] : ['operator'];
    return APART[operationId]?.credentials ?? most;
  }

  bodyFields({ operationId }: Operation): readonly string[] | undefined {
    return APART[operationId]?.body;
  }

  standsFor(operation: Operation, field: string): FromWorld | undefined {
    const { proof, gone = [] } = APART[operation.operationId] ?? {};
    if (field === 'cursor') return new FromWorld(cursorOf(operation));
    if (operation.operationId === 'transferOwnership' && field === 'memberId') return new FromWorld('heir');
    if (proof && NAMES_OF[proof].has(field)) return new FromWorld(field);
    const name = ALIASES[field] ?? field;
    return name.endsWith('Id') || NAMES.has(name) ? new FromWorld(name, gone.includes(name) ? 'gone' : 'own') : undefined;
  }

  headersOf(credential: string): Headers {
    return this.#credentials.headersOf(credential);
  }

  /** What the names in a plan stand for this time. The names of its path belong together. */
  async prepare(plan: RequestPlan, { mayGoWrong }: { mayGoWrong: boolean }): Promise<Prepared> {
    const { proof } = APART[plan.operation.operationId] ?? {};
    const hasNewAuthenticator = proof === 'authenticator';
    const person = proof === 'person' || hasNewAuthenticator ? await this.people.next({ mayGoWrong, hasNewAuthenticator }) : undefined;
    const fresh = person?.thing ?? (await this.#fresh(proof));
    const lookUp = remembering((wanted) => (wanted.whose === 'own' ? fresh[wanted.name] : undefined) ?? this.#meant(plan, wanted));
    const headers = plan.credential === 'person' && person ? bearer(person.token) : this.headersOf(plan.credential);
    return { lookUp, headers, learn: (answer) => this.#learn(plan, lookUp, answer, person) };
  }

  async #fresh(proof: string | undefined): Promise<Thing> {
    if (proof === 'signature') return this.signatures.next();
    if (proof === 'invitation') return this.people.nextInvitation();
    return proof === 'acceptance' ? this.people.nextAcceptance() : {};
  }

  #meant({ operation, nth }: RequestPlan, wanted: FromWorld): string {
    const beside = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').filter((name) => name !== 'workspaceId');
    const things = { own: this.#own, another: this.#own, foreign: this.#foreign, gone: this.#gone }[wanted.whose];
    return meaning(things, wanted, beside, wanted.whose === 'another' ? nth + 1 : nth) ?? randomUUID();
  }

  #learn(plan: RequestPlan, lookedUp: LookUp, { status, headers, body }: WireAnswer, person: Identified | undefined): void {
    const { operation, method, path } = plan;
    if (status >= 300 || headers['idempotent-replayed'] !== undefined || !isOwn(path['workspaceId'])) return;
    if (operation.operationId === 'changePassword') person?.passwordChanged();
    if (operation.operationId === 'changeAuthenticator') person?.authenticatorChanged();
    const ids = idsIn(path, lookedUp);
    if (method === 'DELETE') this.#forget(ids);
    if (method === 'PUT' && status === 204) this.#own.add(ids);
    if (!/json/.test(headers['content-type'] ?? '') || body.length === 0) return;
    const answered = JSON.parse(body.toString()) as Record<string, unknown>;
    if (status === 201) this.#add(this.#madeBy(operation), ids, answered);
    if (typeof answered['nextCursor'] === 'string') this.#own.add({ [cursorOf(operation)]: answered['nextCursor'] });
  }

  #forget(ids: Thing): void {
    if (Object.keys(ids).length === 0) return;
    this.#own.drop(ids);
    this.#gone.add(ids);
  }

  #add(name: string | undefined, ids: Thing, answered: Readonly<Record<string, unknown>>): void {
    const made = [answered, ...Object.values(answered)].find((part) => typeof (part as { id?: unknown } | null)?.id === 'string');
    if (name === undefined || !made) return;
    const { id, ...fields } = made as Record<string, unknown> & { id: string };
    this.#own.add({ ...idFields(fields), ...ids, [name]: id });
  }

  /** How a member of the collection that an operation adds to is called in paths. */
  #madeBy({ path }: Operation): string | undefined {
    const member = this.document.operations.find((other) => other.path.startsWith(`${path}/{`));
    return member && /\{(\w+)\}/.exec(member.path.slice(path.length))?.[1];
  }
}

const isOwn = (workspace: unknown): boolean => workspace instanceof FromWorld && workspace.whose === 'own';

const cursorOf = ({ operationId }: Operation): string => `cursor of ${operationId}`;

function idsIn(path: RequestPlan['path'], lookUp: LookUp): Thing {
  const meant = Object.entries(path).filter(([name, value]) => name !== 'workspaceId' && value instanceof FromWorld);
  return Object.fromEntries(meant.map(([name, value]) => [name, String(lookUp(value as FromWorld))]));
}

function idFields(fields: Readonly<Record<string, unknown>>): Thing {
  const ids = Object.entries(fields).filter((field): field is [string, string] => field[0].endsWith('Id') && typeof field[1] === 'string');
  return Object.fromEntries(ids);
}

/** Requests must name no other issuer: the service would go and look for it. */
async function aClientOfAProvider({ places: [place] }: Keyhold): Promise<Thing> {
  if (!place) throw new Error('there is no place for an identity provider');
  const provider = await anOpenIdProvider(place);
  const { clientId, clientSecret } = provider.aClient();
  return { issuer: provider.issuer, clientId, clientSecret };
}

/** Somebody who has come: whoever is only invited cannot be suspended, or be in charge of anything. */
async function aMemberInAGroup(keyhold: Keyhold, workspace: Workspace): Promise<Thing[]> {
  const { memberId } = await aMember(keyhold, workspace, 'user');
  const { body } = await workspace.call('POST', '/groups', { name: `Group of ${memberId}` });
  const groupId = body.id as string;
  await workspace.call('PUT', `/groups/${groupId}/members/${memberId}`);
  return [{ memberId }, { groupId }, { groupId, memberId }];
}

async function deletedVaults(workspace: Workspace): Promise<Thing[]> {
  const things: Thing[] = [];
  for (let nth = 0; nth < DELETED_VAULTS; nth += 1) {
    const vaultId = await aManagedVault(workspace);
    await workspace.call('DELETE', `/vaults/${vaultId}`);
    things.push({ vaultId });
  }
  return things;
}

async function sealedData(workspace: Workspace, vaultId: string): Promise<{ context: string; sealed: string }> {
  const context = randomUUID();
  const { body } = await workspace.call('POST', '/seal', { vaultId, context, payload: { context } });
  return { context, sealed: body.sealed as string };
}
