import type { KeyStrategy, StrategyName } from './contract.js';

/** One row per strategy; a name without its row does not compile. */
export type KeyStrategyRows = { readonly [Name in StrategyName]: KeyStrategy & { readonly name: Name } };

export class KeyStrategyCatalog {
  constructor(private readonly rows: KeyStrategyRows) {}

  get(name: StrategyName): KeyStrategy {
    return this.rows[name];
  }
}
