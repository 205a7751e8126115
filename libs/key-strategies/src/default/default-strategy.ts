import { EnvelopeError, KeyBytes, type RootKey, type WrapContext } from '#envelope';
import { assertOwnContext } from '../assert-own-context.js';
import { type KeyStrategy, KeyStrategyError, type KeyWrapper, type ProbeReport, type VaultKey } from '../contract.js';

const REMEDY = 'Leave out what describes a key: the strategy "default" takes no configuration.';

/** Data keys under the service's own root key. Needs nothing, asks nobody: whoever holds the root key can open them. */
export class DefaultStrategy implements KeyStrategy {
  readonly name = 'default';

  constructor(private readonly rootKey: RootKey) {}

  /** Nothing can be configured: absent or an empty object. */
  configure(_workspaceId: string, input: unknown): Record<string, never> {
    const isEmpty = input === undefined || (isPlainObject(input) && Object.keys(input).length === 0);
    if (!isEmpty) throw new KeyStrategyError('bad_config', { cause: 'config_not_expected', remedy: REMEDY });
    return {};
  }

  /** A symmetric key: there is no public half to wrap for. */
  exportRecipient(): undefined {
    return undefined;
  }

  /** Nothing is configured, so there is nothing to see. */
  describe(): Record<string, never> {
    return {};
  }

  /** The root key serves all workspaces, so that it names no customer's key. */
  keyIdentity(): undefined {
    return undefined;
  }

  open(key: VaultKey): KeyWrapper {
    return new DefaultKeyWrapper(this.rootKey, key);
  }
}

class DefaultKeyWrapper implements KeyWrapper {
  constructor(
    private readonly rootKey: RootKey,
    private readonly key: VaultKey,
  ) {}

  wrap(context: WrapContext, dataKey: KeyBytes): ReturnType<KeyWrapper['wrap']> {
    return this.answer(context, () => ({ wrapped: this.rootKey.wrapDataKey(context, dataKey), calls: [] }));
  }

  unwrap(context: WrapContext, wrapped: Buffer): ReturnType<KeyWrapper['unwrap']> {
    return this.answer(context, () => ({ dataKey: this.rootKey.unwrapDataKey(context, wrapped), calls: [] }));
  }

  /** The root key is here, or the service would not have started; what remains is to show that it opens what it wraps. */
  async probe(): Promise<ProbeReport> {
    const { workspaceId, vaultId, vaultKeyId } = this.key;
    const context = { workspaceId, vaultId, vaultKeyId, dataKeyId: vaultKeyId };
    const dataKey = KeyBytes.random();
    try {
      const { wrapped } = await this.wrap(context, dataKey);
      (await this.unwrap(context, wrapped)).dataKey.erase();
      return { ok: true, health: 'healthy', checks: [{ check: 'root_key', ok: true }], calls: [], config: {} };
    } finally {
      dataKey.erase();
    }
  }

  /** A throw becomes a rejection, and an error of the envelope one of the strategies. */
  private answer<T>(context: WrapContext, work: () => T): Promise<T> {
    return new Promise((resolve) => {
      assertOwnContext(this.key, context);
      resolve(withStrategyErrors(work));
    });
  }
}

function withStrategyErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof EnvelopeError) throw new KeyStrategyError('not_intact', { cause: error.message }, { cause: error });
    throw error;
  }
}

function isPlainObject(input: unknown): input is object {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
