import { DecryptCommand, DescribeKeyCommand, EncryptCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { askRegions } from './ask-regions.js';
import type { Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { AwsOptions } from './aws-options.js';
import { type AwsTerms, awsTerms, stsRegionsInOrder } from './aws-terms.js';
import { type CustomerKey, type SessionPurpose, workspacePrefix } from './customer-key.js';
import { CustomerSessions } from './customer-sessions.js';
import { Deadline } from './deadline.js';
import { type KeyDescription, keyDescription } from './key-answers.js';
import { PlatformIdentity } from './platform-identity.js';
import { RegionalClients } from './regional-clients.js';
import { RegionalKms } from './regional-kms.js';
import type { AwsRegion, RegionPair } from './regions.js';
import type { RoleSession } from './role-session.js';
import { send } from './send.js';
import { stsOutcome } from './sts-outcomes.js';
import { VaultBulkheads } from './vault-bulkheads.js';

const ALGORITHM = 'RSAES_OAEP_SHA_256';

/** Which key, in whose name, and in which Regions (in the order of preference; the second only where it may stand in for the first). */
export interface KeyAsk {
  key: CustomerKey;
  purpose: SessionPurpose;
  regions: readonly AwsRegion[];
  /** Every request made for this act is added here, also when the act fails. */
  trail: Trail;
}

/** Everything Keyhold asks of AWS about customers' keys. One for the process. All failures are AwsError. */
export class CustomerKms {
  readonly regions: RegionPair;
  readonly principalArn: string;
  readonly #terms: AwsTerms;
  readonly #clients: RegionalClients;
  readonly #sessions: CustomerSessions;
  readonly #bulkheads: VaultBulkheads;
  readonly #kms: RegionalKms;

  constructor(options: AwsOptions) {
    this.regions = options.regions;
    this.principalArn = options.principalArn;
    const terms = awsTerms(options);
    const clients = new RegionalClients(options.endpoint, terms.limits);
    const sessions = new CustomerSessions(new PlatformIdentity(options, clients, terms), terms);
    this.#bulkheads = new VaultBulkheads(terms.limits.callsPerVault, terms.limits.queuedPerVault);
    this.#terms = terms;
    this.#clients = clients;
    this.#sessions = sessions;
    this.#kms = new RegionalKms(sessions, clients, this.#bulkheads, terms);
  }

  /** RSA-OAEP-256 under the customer's key; `ciphertextBytes` is its modulus size. The plaintext stays the caller's to erase. */
  async encrypt(ask: KeyAsk, plaintext: Uint8Array, ciphertextBytes: number): Promise<Buffer> {
    const answer = await this.#kms.run({
      ...ask,
      operation: 'Encrypt',
      send: (client, keyArn, abortSignal) =>
        client.send(new EncryptCommand({ KeyId: keyArn, Plaintext: plaintext, EncryptionAlgorithm: ALGORITHM }), { abortSignal }),
      isIntact: (got, keyArn) =>
        got.KeyId === keyArn && got.EncryptionAlgorithm === ALGORITHM && got.CiphertextBlob?.length === ciphertextBytes,
    });
    return Buffer.from(answer.CiphertextBlob ?? []);
  }

  /** The plaintext, of exactly `plaintextBytes`, which the caller erases. */
  async decrypt(ask: KeyAsk, ciphertext: Uint8Array, plaintextBytes: number): Promise<Uint8Array> {
    const answer = await this.#kms.run({
      ...ask,
      operation: 'Decrypt',
      send: (client, keyArn, abortSignal) =>
        client.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: ciphertext, EncryptionAlgorithm: ALGORITHM }), { abortSignal }),
      isIntact: (got, keyArn) => got.KeyId === keyArn && got.EncryptionAlgorithm === ALGORITHM && got.Plaintext?.length === plaintextBytes,
    });
    return answer.Plaintext ?? new Uint8Array();
  }

  async describeKey(ask: KeyAsk): Promise<KeyDescription> {
    const answer = await this.#kms.run({
      ...ask,
      operation: 'DescribeKey',
      send: (client, keyArn, abortSignal) => client.send(new DescribeKeyCommand({ KeyId: keyArn }), { abortSignal }),
      isIntact: (got, keyArn) => got.KeyMetadata?.Arn === keyArn,
    });
    return keyDescription(answer.KeyMetadata ?? { KeyId: undefined });
  }

  /** DER of the SubjectPublicKeyInfo, as KMS sent it. */
  async publicKey(ask: KeyAsk): Promise<Buffer> {
    const answer = await this.#kms.run({
      ...ask,
      operation: 'GetPublicKey',
      send: (client, keyArn, abortSignal) => client.send(new GetPublicKeyCommand({ KeyId: keyArn }), { abortSignal }),
      isIntact: (got, keyArn) => got.KeyId === keyArn && (got.PublicKey?.length ?? 0) > 0,
    });
    return Buffer.from(answer.PublicKey ?? []);
  }

  /**
   * Resolves when the customer's role lets us in with this external ID, or with none. The credentials are dropped unused.
   * Rejects with `refused` when it does not, and with something else when that could not be found out: `busy` when too many such
   * attempts of one workspace are under way. Anybody can have keys checked, new ones too, and the way to STS is everybody's.
   */
  async tryAssumeRole(key: CustomerKey, externalId: string | undefined, trail: Trail): Promise<void> {
    const deadline = new Deadline(this.#terms.clock, this.#terms.limits.totalMs);
    await this.#bulkheads.run(workspacePrefix(key.workspaceId), deadline, () => this.#sessions.assume(key, 'probe', externalId, trail));
  }

  /**
   * Opens a new session with the right external ID, past any kept one. When STS cannot be asked, a kept session that still holds
   * will do, and the answer is `kept`. A refusal ends all sessions of the vault.
   */
  async proveRole(key: CustomerKey, trail: Trail): Promise<'new' | 'kept'> {
    const slot = this.#sessions.slot(key, 'probe');
    try {
      await slot.freshSession(trail);
      return 'new';
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.code === 'refused') this.forget(key.workspaceId, key.vaultId);
      else if (slot.kept()) return 'kept';
      throw error;
    }
  }

  /** The account in which the vault's session acts. */
  async callerAccount(key: CustomerKey, trail: Trail): Promise<string> {
    const deadline = new Deadline(this.#terms.clock, this.#terms.limits.totalMs);
    const slot = this.#sessions.slot(key, 'probe');
    const session = await deadline.within(deadline.remainingMs, () => slot.session(trail));
    const attempt = (region: AwsRegion) => this.#callerAccount(session, region, deadline, trail);
    return askRegions({ regions: stsRegionsInOrder(this.#terms), deadline, attempt, renew: () => slot.discard(session) }, this.#terms);
  }

  /** Drops every session of the vault in this process: the next act asks STS again. */
  forget(workspaceId: string, vaultId: string): void {
    this.#sessions.drop(workspaceId, vaultId);
  }

  /** Closes idle connections, for a process that ends. */
  close(): void {
    this.#clients.close();
  }

  async #callerAccount(session: RoleSession, region: AwsRegion, deadline: Deadline, trail: Trail): Promise<string> {
    const answer = await send({
      service: 'sts',
      operation: 'GetCallerIdentity',
      region,
      accessKeyId: session.accessKeyId,
      deadline,
      attemptMs: this.#terms.limits.attemptMs,
      trail,
      send: (abortSignal) => this.#clients.sts(session, region).send(new GetCallerIdentityCommand({}), { abortSignal }),
      outcomeOf: stsOutcome,
    });
    if (!answer.Account) throw new AwsError('could-not-ask', { service: 'sts', region, awsError: 'MalformedAnswer' });
    return answer.Account;
  }
}
