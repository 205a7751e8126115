export { type AwsKmsConfig, type AwsKmsTarget } from './kms-keys/aws-kms-config.js';
export { AwsKmsStrategy } from './aws-kms/aws-kms-strategy.js';
export { KeyStrategyCatalog, type KeyStrategyRows } from './catalog.js';
export {
  type KeyCall,
  type KeyCheck,
  type KeyHealth,
  type KeyMaker,
  type KeyStrategy,
  KeyStrategyError,
  type KeyStrategyErrorCode,
  type KeyStrategyErrorFacts,
  type KeyWrapper,
  type ProbeOptions,
  type ProbeReport,
  type RegionFinding,
  type RegionalKey,
  type RegionHealth,
  STRATEGY_NAMES,
  type StrategyFacts,
  type StrategyName,
  type VaultKey,
  type VaultKeyName,
} from './contract.js';
export { DefaultStrategy } from './default/default-strategy.js';
export { ManagedStrategy } from './managed/managed-strategy.js';
