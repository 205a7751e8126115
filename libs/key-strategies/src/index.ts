export { isStrategyName, KeyStrategyCatalog, type KeyStrategyRows } from './catalog.js';
export {
  type KeyCall,
  type KeyCheck,
  type KeyHealth,
  type KeyStrategy,
  KeyStrategyError,
  type KeyStrategyErrorCode,
  type KeyStrategyErrorFacts,
  type KeyWrapper,
  type ProbeReport,
  STRATEGY_NAMES,
  type StrategyName,
  type VaultKey,
} from './contract.js';
export { DefaultStrategy } from './default/default-strategy.js';
