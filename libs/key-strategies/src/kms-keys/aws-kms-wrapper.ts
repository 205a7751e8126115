import { AwsError, type AwsRegion, type Clock, type CustomerKms, type KeyAsk, type SessionPurpose, type Trail } from '#aws';
import { decodeWrapPlaintext, encodeWrapPlaintext, EnvelopeError, type KeyBytes, WRAP_PLAINTEXT_BYTES, type WrapContext } from '#envelope';
import { assertOwnContext } from '../assert-own-context.js';
import { type KeyHealth, KeyStrategyError, type KeyWrapper, type ProbeOptions, type ProbeReport, type VaultKey } from '../contract.js';
import { type AwsKmsConfig, type AwsKmsTarget, isPinned, parseConfig } from './aws-kms-config.js';
import { customerKeyOf } from './aws-kms-key.js';
import { isRefusal } from './health.js';
import { CUSTOMER_KEY, type KeyKind } from './key-kind.js';
import { modulusBytesOf } from './pinned-key.js';
import { probeReport } from './probe-report.js';
import { notIntact, strategyErrorOf } from './strategy-error.js';

/** One RSA key in KMS. Wrapping and unwrapping are operations of KMS, so that the customer's policies decide and its CloudTrail shows each. */
export class AwsKmsWrapper implements KeyWrapper {
  constructor(
    private readonly aws: CustomerKms,
    private readonly clock: Clock,
    private readonly key: VaultKey,
    private readonly lastKnown: KeyHealth | undefined,
    private readonly kind: KeyKind = CUSTOMER_KEY,
    /** Asked in place of those that are asked by rule. */
    private readonly onlyRegion?: AwsRegion,
  ) {}

  async wrap(context: WrapContext, dataKey: KeyBytes): ReturnType<KeyWrapper['wrap']> {
    assertOwnContext(this.key, context);
    const config = this.#provedConfig();
    const calls: Trail = [];
    const plaintext = encodeWrapPlaintext(context, dataKey);
    const encrypt = (ask: KeyAsk) => this.aws.encrypt(ask, plaintext, modulusBytesOf(config));
    const wrapped = await this.#ask(config, 'seal', calls, encrypt).finally(() => plaintext.fill(0));
    return { wrapped, calls };
  }

  async unwrap(context: WrapContext, wrapped: Buffer): ReturnType<KeyWrapper['unwrap']> {
    assertOwnContext(this.key, context);
    const config = this.#provedConfig();
    const calls: Trail = [];
    if (wrapped.length !== modulusBytesOf(config)) throw notIntact(calls);
    const plaintext = await this.#ask(config, 'unseal', calls, (ask) => this.aws.decrypt(ask, wrapped, WRAP_PLAINTEXT_BYTES));
    return { dataKey: dataKeyIn(plaintext, context, calls), calls };
  }

  probe(options: ProbeOptions = {}): Promise<ProbeReport> {
    return probeReport({ aws: this.aws, clock: this.clock, key: this.key, lastKnown: this.lastKnown, kind: this.kind }, options);
  }

  async #ask<T>(config: AwsKmsTarget, purpose: SessionPurpose, trail: Trail, question: (ask: KeyAsk) => Promise<T>): Promise<T> {
    const key = customerKeyOf(this.key, config);
    try {
      return await question({ key, purpose, trail, regions: this.#regions() });
    } catch (error) {
      throw error instanceof AwsError ? strategyErrorOf(error, { aws: this.aws, key, kind: this.kind }, trail) : error;
    }
  }

  /** While the owner's last word is no, a main Region that cannot be asked does not make its replica acceptable. */
  #regions(): KeyAsk['regions'] {
    const { main, replica } = this.aws.regions;
    if (this.onlyRegion) return [this.onlyRegion];
    return isRefusal(this.lastKnown) ? [main] : [main, replica];
  }

  #provedConfig(): AwsKmsConfig {
    const config = parseConfig(this.key.config);
    if (!isPinned(config)) throw new KeyStrategyError('bad_config', { cause: 'the vault key was never proved' });
    return config;
  }
}

function dataKeyIn(plaintext: Uint8Array, context: WrapContext, calls: Trail): KeyBytes {
  try {
    return decodeWrapPlaintext(context, plaintext);
  } catch (error) {
    throw error instanceof EnvelopeError ? notIntact(calls) : error;
  } finally {
    plaintext.fill(0);
  }
}
