import { type KeyMaker, KeyStrategyError } from '../contract.js';

/** Stands where the operator has not set up managed keys. What was made before stays usable. */
export class NoKeyMaker implements KeyMaker {
  make(): Promise<never> {
    return refusal();
  }

  end(): Promise<Date> {
    return refusal();
  }

  revive(): Promise<void> {
    return refusal();
  }

  endStrays(): Promise<string[]> {
    return refusal();
  }

  isEnding(): Promise<boolean> {
    return refusal();
  }
}

function refusal(): Promise<never> {
  const remedy = 'The operator of this service has not set up managed keys. Use the strategy "default" or "aws-kms", or ask the operator.';
  return Promise.reject(new KeyStrategyError('bad_config', { cause: 'managed_keys_not_set_up', remedy }));
}
