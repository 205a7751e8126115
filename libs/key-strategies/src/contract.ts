import type { KeyBytes, WrapContext } from '#envelope';

/** How a vault's key is kept. Text in the database, so that a new strategy needs no migration. */
export const STRATEGY_NAMES = ['default', 'managed', 'aws-kms'] as const;
export type StrategyName = (typeof STRATEGY_NAMES)[number];

/** One version of a vault's key, as it stands in `vault_keys`. `config` was validated by the strategy that wrote it. */
export interface VaultKey {
  workspaceId: string;
  vaultId: string;
  vaultKeyId: string;
  strategy: StrategyName;
  config: unknown;
}

/** One request that left for AWS, kept for the audit trail: `requestId` is the exact join key with the customer's CloudTrail. */
export interface KeyCall {
  service: 'kms' | 'sts';
  operation: string;
  region: string;
  /** `unknown` means that no answer came: AWS may still have done and logged it. */
  outcome: 'ok' | 'refused' | 'failed' | 'unknown';
  requestId?: string;
  awsError?: string;
  /** Access key id of the role session that signed; joins with `userIdentity.accessKeyId`. Not a secret. */
  accessKeyId?: string;
}

/** What the owner of the key can do about a failure. Closed, so that every cause has its remedy. */
export interface KeyCheck {
  check: string;
  region?: string;
  ok: boolean;
  /** Set when `ok` is false, or when it is true with a reservation worth telling (RSA_3072, imported material). */
  cause?: string;
  awsError?: string;
  awsRequestId?: string;
  /** A sentence for the administrator: what to change, and where. */
  remedy?: string;
}

export type KeyHealth = 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';

export interface ProbeOptions {
  /** How long refusals that a change made a moment ago would explain are asked again. 0, the default: one answer counts. */
  settleSeconds?: number;
  /** For probes that come again and again: whether the role still refuses everybody else is not tried this time. */
  withoutExternalId?: boolean;
}

/** What a probe found in one Region. */
export interface RegionHealth {
  region: string;
  /** Absent when what was answered says nothing about the key: what was known before still stands. */
  health?: KeyHealth;
  /** The failed check that `health` rests on. */
  decisive?: KeyCheck;
  /** When the key is gone for good, once that is known. */
  deletionDate?: Date;
}

export interface ProbeReport {
  ok: boolean;
  health: KeyHealth;
  /** The failed check that `health` rests on; none when all is well, and none when the health known before still stands. */
  decisive?: KeyCheck;
  /** Of a key that is kept in Regions. A refusal here is as it was found now: that an earlier one lasts is for the keeper of both. */
  regions?: readonly RegionHealth[];
  /** Whether the key's owner is protected from being named by somebody else; absent when that was not tried. */
  externalId?: 'enforced' | 'not_enforced' | 'not_known';
  /** In the order in which they were made; a check that could not be reached because an earlier one failed is left out. */
  checks: readonly KeyCheck[];
  calls: readonly KeyCall[];
  /** What the probe learnt and registration pins: the vault key's `config` to store. */
  config: unknown;
}

export type KeyStrategyErrorCode =
  /** The owner of the key said no. Final: nothing else may be asked, and the vault becomes `refused`. */
  | 'refused'
  /** The owner of the key scheduled its deletion. As `refused`, and the vault becomes `pending_deletion`. */
  | 'pending_deletion'
  /** Nobody could be asked in time. Says nothing about the owner's will. */
  | 'unreachable'
  /** Too many calls for this vault are already under way here. Try again shortly. */
  | 'busy'
  /** Our data or our bug: the wrapped key, or the answer, is not what it must be. No state changes. */
  | 'not_intact'
  /** The configuration given for a new vault does not have the required shape. */
  | 'bad_config';

export interface KeyStrategyErrorFacts {
  cause: string;
  region?: string;
  awsError?: string;
  awsRequestId?: string;
  remedy?: string;
  calls?: readonly KeyCall[];
}

export class KeyStrategyError extends Error {
  override readonly name = 'KeyStrategyError';
  constructor(
    readonly code: KeyStrategyErrorCode,
    readonly facts: KeyStrategyErrorFacts,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${facts.cause}`, options);
  }
}

/**
 * A strategy opened for one vault key, and for contexts that name this vault key: any other is `not_intact`.
 *
 * Every failure is a KeyStrategyError. The difference that matters is between `refused` (the owner of the key decided; nobody
 * else is asked, and callers must stop at once) and `unreachable` (nobody answered in time; what is cached may still be used
 * within its age). A throttled or timed-out call is never `refused`.
 */
export interface KeyWrapper {
  /** Wraps a data key under the vault key. The context travels inside: unwrapping under another one fails with `not_intact`. */
  wrap(context: WrapContext, dataKey: KeyBytes): Promise<{ wrapped: Buffer; calls: readonly KeyCall[] }>;
  /** The data key, which belongs to the caller: erase it. */
  unwrap(context: WrapContext, wrapped: Buffer): Promise<{ dataKey: KeyBytes; calls: readonly KeyCall[] }>;
  /** Proves the whole way to the key. Never throws for what it finds; the report says it. */
  probe(options?: ProbeOptions): Promise<ProbeReport>;
}

/** What one Region says about its key. `silent` says nothing about the owner's will. */
export interface RegionFinding {
  region: string;
  says: 'usable' | 'refused' | 'silent';
  /** Why not. */
  cause?: string;
  awsError?: string;
  awsRequestId?: string;
}

/**
 * A vault key that stands in two Regions, each asked by itself. For drills only: in traffic one Region stands in for the other by
 * the rules of `open`, and by no others.
 */
export interface RegionalKey {
  readonly main: string;
  readonly replica: string;
  /** Asks each Region for the state of its key. Never throws for what it finds. */
  describe(): Promise<readonly RegionFinding[]>;
  /** The key in the replica's Region; the main one is not asked, whatever happens. */
  replicaAlone(): KeyWrapper;
}

/** What a strategy tells people about a vault key, each under a name of its own. */
export interface StrategyFacts {
  awsKms?: {
    accountId: string;
    keyId: string;
    roleArn: string;
    keyArns: { main: string; replica: string };
    /** SHA-256 of the public key in hex, pinned at registration; null before. */
    publicKeyFingerprint: string | null;
  };
  managed?: {
    keyArns: { main: string; replica: string };
    /** SHA-256 of the public key in hex. */
    publicKeyFingerprint: string | null;
  };
}

/** Names the one key of a version of a vault's key, before there is one. */
export type VaultKeyName = Pick<VaultKey, 'workspaceId' | 'vaultId' | 'vaultKeyId'>;

/**
 * Of a strategy that makes the vault keys itself. A key that was made costs money and can be lost sight of, so that every act
 * can be repeated, at any time and after a crash in the middle, and comes to the same end. All failures are KeyStrategyError.
 */
export interface KeyMaker {
  /**
   * Makes the key, or goes on where an earlier try ended; answers the configuration to probe and store. `unreachable` when it is
   * not usable in time: then the same request may go on. `calls` has every request, also after a failure.
   * @param isFirst whether nobody has ever tried before, so that nothing need be looked for
   */
  make(name: VaultKeyName, isFirst: boolean, calls: KeyCall[]): Promise<unknown>;
  /** Schedules the end of the key in all Regions; answers until when that can be undone. Nothing may be sealed under it. Days: 7 to 30. */
  end(key: VaultKey, days: number, calls: KeyCall[]): Promise<Date>;
  /** Undoes `end`: the key is usable again in all Regions. `refused` when it is gone for good. */
  revive(key: VaultKey, calls: KeyCall[]): Promise<void>;
  /** Ends every key that was made under this name, but for those in use: tries that broke off left them. Answers their ids. */
  endStrays(name: VaultKeyName, inUse: readonly VaultKey[], calls: KeyCall[]): Promise<string[]>;
  /** Whether the key, whose end was scheduled, is gone or going. */
  isEnding(key: VaultKey): Promise<boolean>;
}

export interface KeyStrategy {
  readonly name: StrategyName;
  /** Where the vault keys are made by the strategy and not named by the customer. */
  readonly maker?: KeyMaker;
  /** Whether an item's key can be wrapped for a customer: the public key, or undefined where the strategy has none. */
  exportRecipient(key: VaultKey): { publicKeySpki: Buffer; keyId: string } | undefined;
  /** Validates what a request gave for a new vault. Throws `bad_config`, naming the field. */
  configure(workspaceId: string, input: unknown): unknown;
  /** What people may see of the configuration; never a secret. */
  describe(key: VaultKey): StrategyFacts;
  /** Value that names the same customer key in every workspace, where there is such a thing: one key may not protect two tenants. */
  keyIdentity(config: unknown): string | undefined;
  /**
   * `lastKnown`: the key health as it stands in the vault's row, once there is one. A refusal is sticky: while it stands, no other
   * Region is asked in place of one that cannot be, and a probe takes it back only when everything could be asked.
   */
  open(key: VaultKey, lastKnown?: KeyHealth): KeyWrapper;
  /** Only where the owner of the key is a customer, who can withdraw it in either Region. */
  inRegions?(key: VaultKey): RegionalKey;
}
