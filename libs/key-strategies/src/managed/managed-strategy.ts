import { type Clock, type CustomerKms, keyArn, type ManagedKeyAdministration, systemClock } from '#aws';
import { isPinned, parseConfig } from '../kms-keys/aws-kms-config.js';
import { AwsKmsWrapper } from '../kms-keys/aws-kms-wrapper.js';
import {
  type KeyHealth,
  type KeyMaker,
  type KeyStrategy,
  KeyStrategyError,
  type KeyWrapper,
  type StrategyFacts,
  type VaultKey,
} from '../contract.js';
import { MANAGED_KEY } from './managed-key-kind.js';
import { ManagedKeyMaker } from './managed-key-maker.js';
import { NoKeyMaker } from './no-key-maker.js';

const REMEDY = 'Leave out what describes a key: with the strategy "managed" the service makes one.';

/**
 * Data keys under an RSA key that Keyhold makes for each vault in the platform's own account. It is used like a customer's key:
 * in a session of its own role, cut down to the one key of the one vault.
 */
export class ManagedStrategy implements KeyStrategy {
  readonly name = 'managed';
  readonly maker: KeyMaker;

  /** @param administration absent where the operator has not set up managed keys: then none can be made */
  constructor(
    private readonly aws: CustomerKms,
    administration: ManagedKeyAdministration | undefined,
    private readonly clock: Clock = systemClock,
  ) {
    this.maker = administration ? new ManagedKeyMaker(administration) : new NoKeyMaker();
  }

  /** Nothing can be configured. */
  configure(_workspaceId: string, input: unknown): Record<string, never> {
    if (input !== undefined) throw new KeyStrategyError('bad_config', { cause: 'config_not_expected', remedy: REMEDY });
    return {};
  }

  /** Nobody but the service can open what is wrapped for this key. */
  exportRecipient(): undefined {
    return undefined;
  }

  describe({ config }: VaultKey): StrategyFacts {
    const parsed = parseConfig(config);
    const { accountId, keyId } = parsed;
    const { main, replica } = this.aws.regions;
    const keyArns = { main: keyArn(main, accountId, keyId), replica: keyArn(replica, accountId, keyId) };
    return { managed: { keyArns, publicKeyFingerprint: isPinned(parsed) ? parsed.fingerprint : null } };
  }

  /** Also in the space of customers' keys: nobody can register a managed key as their own. */
  keyIdentity(config: unknown): string {
    const { accountId, keyId } = parseConfig(config);
    return `${accountId}/${keyId}`;
  }

  open(key: VaultKey, lastKnown?: KeyHealth): KeyWrapper {
    return new AwsKmsWrapper(this.aws, this.clock, key, lastKnown, MANAGED_KEY);
  }
}
