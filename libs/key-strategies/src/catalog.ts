import { type KeyStrategy, STRATEGY_NAMES, type StrategyName } from './contract.js';

/** One row per strategy; a name without its row does not compile. */
export type KeyStrategyRows = { readonly [Name in StrategyName]: KeyStrategy & { readonly name: Name } };

export class KeyStrategyCatalog {
  constructor(private readonly rows: KeyStrategyRows) {}

  get(name: StrategyName): KeyStrategy {
    return this.rows[name];
  }
}

/** For text from outside: a request, a row. */
export function isStrategyName(text: string): text is StrategyName {
  return STRATEGY_NAMES.some((name) => name === text);
}
