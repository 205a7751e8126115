import { type Clock, type CustomerKms, keyArn, systemClock } from '#aws';
import type { KeyHealth, KeyStrategy, KeyWrapper, RegionalKey, StrategyFacts, VaultKey } from '../contract.js';
import { type AwsKmsTarget, isPinned, parseConfig, parseTarget } from '../kms-keys/aws-kms-config.js';
import { AwsKmsWrapper } from '../kms-keys/aws-kms-wrapper.js';
import { pinnedSpki } from '../kms-keys/pinned-key.js';
import { AwsKmsRegionalKey } from './aws-kms-regional-key.js';

/** Data keys under an RSA key of the customer's own, reached through a role in the customer's account. */
export class AwsKmsStrategy implements KeyStrategy {
  readonly name = 'aws-kms';

  constructor(
    private readonly aws: CustomerKms,
    private readonly clock: Clock = systemClock,
  ) {}

  configure(_workspaceId: string, input: unknown): AwsKmsTarget {
    return parseTarget(input);
  }

  describe({ config }: VaultKey): StrategyFacts {
    const parsed = parseConfig(config);
    const { accountId, keyId, roleArn } = parsed;
    const { main, replica } = this.aws.regions;
    const keyArns = { main: keyArn(main, accountId, keyId), replica: keyArn(replica, accountId, keyId) };
    return { awsKms: { accountId, keyId, roleArn, keyArns, publicKeyFingerprint: isPinned(parsed) ? parsed.fingerprint : null } };
  }

  /** Without its Region: the key and its replica are one key. */
  keyIdentity(config: unknown): string {
    const { accountId, keyId } = parseConfig(config);
    return `${accountId}/${keyId}`;
  }

  exportRecipient({ config }: VaultKey): { publicKeySpki: Buffer; keyId: string } | undefined {
    const parsed = parseConfig(config);
    if (!isPinned(parsed)) return undefined;
    return { publicKeySpki: pinnedSpki(parsed), keyId: keyArn(this.aws.regions.main, parsed.accountId, parsed.keyId) };
  }

  open(key: VaultKey, lastKnown?: KeyHealth): KeyWrapper {
    return new AwsKmsWrapper(this.aws, this.clock, key, lastKnown);
  }

  inRegions(key: VaultKey): RegionalKey {
    return new AwsKmsRegionalKey(this.aws, this.clock, key);
  }
}
