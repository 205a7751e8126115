import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  type KeyMetadata,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { askRegions } from '../ask-regions.js';
import type { Trail } from '../aws-call.js';
import { AwsError } from '../aws-error.js';
import type { AwsTerms } from '../aws-terms.js';
import { Deadline } from '../deadline.js';
import { kmsOutcome } from '../kms-outcomes.js';
import { type ManagedKeyRoles, managedKeyPolicy } from '../policy-documents.js';
import type { RegionalClients } from '../regional-clients.js';
import type { AwsRegion } from '../regions.js';
import type { RoleSession } from '../role-session.js';
import { send } from '../send.js';
import { ALIAS_PREFIX, aliasOf, carries, type ManagedKeyName, tagsOf } from './managed-key-tags.js';

/** A managed key as its Region describes it. Words are AWS's own. */
export interface ManagedKeyState {
  readonly state: string;
  readonly replicaRegions: readonly string[];
  /** When it is gone for good; a primary that waits for its replica has no date yet. */
  readonly deletesAt?: Date;
}

interface Parts {
  session: RoleSession;
  name: ManagedKeyName;
  trail: Trail;
  clients: RegionalClients;
  terms: AwsTerms;
}

type Ask<A> = (client: KMSClient, abortSignal: AbortSignal) => Promise<A>;
interface Answer {
  $metadata: { requestId?: string };
}

const PAGES_MAX = 1_000;
const TAGS_MAX = 50;

/**
 * Makes, finds and ends the KMS key of one vault key version. Each act is one request in the one Region that is named: a Region
 * does not stand in for another here. Rejects with AwsError.
 */
export class KeyAdministrator {
  constructor(
    private readonly parts: Parts,
    private readonly roles: ManagedKeyRoles,
    private readonly deploymentId: string,
  ) {}

  /** Makes a new key each time it is called, and is therefore never repeated; answers its id. */
  async createKey(region: AwsRegion): Promise<string> {
    const command = new CreateKeyCommand({
      KeySpec: 'RSA_4096',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: true,
      ...this.#description(),
    });
    const answer = await this.#once(
      region,
      'CreateKey',
      new Deadline(this.parts.terms.clock, this.parts.terms.limits.totalMs),
      (client, abortSignal) => client.send(command, { abortSignal }),
    );
    const keyId = answer.KeyMetadata?.KeyId;
    if (!keyId) throw new AwsError('could-not-ask', { service: 'kms', operation: 'CreateKey', region, awsError: 'MalformedAnswer' });
    return keyId;
  }

  /** `region` is the primary's. That the replica is there already is no failure. */
  async replicateKey(keyId: string, region: AwsRegion, replica: AwsRegion): Promise<void> {
    const command = new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: replica, ...this.#description() });
    await unlessThere(this.#ask(region, 'ReplicateKey', (client, abortSignal) => client.send(command, { abortSignal })));
  }

  async createAlias(keyId: string, region: AwsRegion): Promise<void> {
    const command = new CreateAliasCommand({ AliasName: aliasOf(this.parts.name), TargetKeyId: keyId });
    await unlessThere(this.#ask(region, 'CreateAlias', (client, abortSignal) => client.send(command, { abortSignal })));
  }

  /** Undefined when this Region has no such key. */
  async describe(keyId: string, region: AwsRegion): Promise<ManagedKeyState | undefined> {
    const command = new DescribeKeyCommand({ KeyId: keyId });
    try {
      const answer = await this.#ask(region, 'DescribeKey', (client, abortSignal) => client.send(command, { abortSignal }));
      return stateOf(answer.KeyMetadata ?? { KeyId: undefined });
    } catch (error) {
      if (isNamed(error, 'NotFoundException')) return undefined;
      throw error;
    }
  }

  /** Days: 7 to 30. */
  async scheduleDeletion(keyId: string, region: AwsRegion, days: number): Promise<void> {
    const command = new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: days });
    await this.#ask(region, 'ScheduleKeyDeletion', (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Leaves the key disabled, as AWS does. */
  async cancelDeletion(keyId: string, region: AwsRegion): Promise<void> {
    const command = new CancelKeyDeletionCommand({ KeyId: keyId });
    await this.#ask(region, 'CancelKeyDeletion', (client, abortSignal) => client.send(command, { abortSignal }));
  }

  async enable(keyId: string, region: AwsRegion): Promise<void> {
    const command = new EnableKeyCommand({ KeyId: keyId });
    await this.#ask(region, 'EnableKey', (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /**
   * Every key that was made for this vault key, by its tags: the one thing of a key that stands from the moment in which it is
   * made. Keys that are another vault key's by their alias are not looked at; what is left is few.
   */
  async findByTags(region: AwsRegion): Promise<string[]> {
    const others = await this.#keysOfOthers(region);
    const candidates = (await this.#keyIds(region)).filter((keyId) => !others.has(keyId));
    const found: string[] = [];
    for (const keyId of candidates) if (await this.isOurs(keyId, region)) found.push(keyId);
    return found;
  }

  /** Whether the key carries the tags of this vault key. One that shows us none is somebody else's. */
  async isOurs(keyId: string, region: AwsRegion): Promise<boolean> {
    const command = new ListResourceTagsCommand({ KeyId: keyId, Limit: TAGS_MAX });
    try {
      const { Tags = [] } = await this.#ask(region, 'ListResourceTags', (client, abortSignal) => client.send(command, { abortSignal }));
      return carries(Tags, tagsOf(this.parts.name, this.deploymentId));
    } catch (error) {
      if (isNamed(error, 'AccessDeniedException') || isNamed(error, 'NotFoundException')) return false;
      throw error;
    }
  }

  async #keysOfOthers(region: AwsRegion): Promise<Set<string>> {
    const own = aliasOf(this.parts.name);
    const others = new Set<string>();
    await this.#pages(region, 'ListAliases', async (Marker, client, abortSignal) => {
      const page = await client.send(new ListAliasesCommand({ Limit: 100, Marker }), { abortSignal });
      for (const { AliasName = '', TargetKeyId = '' } of page.Aliases ?? [])
        if (AliasName.startsWith(ALIAS_PREFIX) && AliasName !== own) others.add(TargetKeyId);
      return page;
    });
    return others;
  }

  async #keyIds(region: AwsRegion): Promise<string[]> {
    const keyIds: string[] = [];
    await this.#pages(region, 'ListKeys', async (Marker, client, abortSignal) => {
      const page = await client.send(new ListKeysCommand({ Limit: 1_000, Marker }), { abortSignal });
      keyIds.push(...(page.Keys ?? []).flatMap(({ KeyId }) => KeyId ?? []));
      return page;
    });
    return keyIds;
  }

  async #pages(
    region: AwsRegion,
    operation: string,
    read: (marker: string | undefined, client: KMSClient, abortSignal: AbortSignal) => Promise<Answer & { NextMarker?: string }>,
  ): Promise<void> {
    let marker: string | undefined;
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const { NextMarker } = await this.#ask(region, operation, (client, abortSignal) => read(marker, client, abortSignal));
      if (NextMarker === undefined) return;
      marker = NextMarker;
    }
    throw new AwsError('ours', { service: 'kms', operation, region, awsError: 'TooManyPages' });
  }

  #description() {
    return {
      Description: `Keyhold vault ${this.parts.name.vaultId}`,
      Policy: JSON.stringify(managedKeyPolicy(this.roles)),
      Tags: tagsOf(this.parts.name, this.deploymentId),
    };
  }

  /** With the retries that a passing trouble is worth. */
  #ask<A extends Answer>(region: AwsRegion, operation: string, ask: Ask<A>): Promise<A> {
    const { terms } = this.parts;
    const deadline = new Deadline(terms.clock, terms.limits.totalMs);
    const attempt = () => this.#once(region, operation, deadline, ask);
    return askRegions({ regions: [region], deadline, attempt, renew: () => undefined }, terms);
  }

  #once<A extends Answer>(region: AwsRegion, operation: string, deadline: Deadline, ask: Ask<A>): Promise<A> {
    const { session, trail, clients, terms } = this.parts;
    return send({
      service: 'kms',
      operation,
      region,
      accessKeyId: session.accessKeyId,
      deadline,
      attemptMs: terms.limits.attemptMs,
      trail,
      send: (abortSignal) => ask(clients.kms(session, region), abortSignal),
      outcomeOf: kmsOutcome,
    });
  }
}

function stateOf({ KeyState: state, MultiRegionConfiguration, DeletionDate }: KeyMetadata): ManagedKeyState {
  const replicaRegions = (MultiRegionConfiguration?.ReplicaKeys ?? []).flatMap(({ Region }) => Region ?? []);
  return { state: state ?? '', replicaRegions, ...(DeletionDate && { deletesAt: DeletionDate }) };
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNamed(error, 'AlreadyExistsException')) throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof AwsError && error.facts.awsError === name;
}
