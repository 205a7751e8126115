import { expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { KeyStrategyCatalog } from './catalog.js';
import { type KeyStrategy, STRATEGY_NAMES } from './contract.js';
import { DefaultStrategy } from './default/default-strategy.js';

const defaultStrategy = new DefaultStrategy(RootKey.fromBytes(Buffer.alloc(32)));
const awsKms: KeyStrategy & { name: 'aws-kms' } = {
  name: 'aws-kms',
  exportRecipient: () => undefined,
  configure: () => ({}),
  describe: () => ({}),
  keyIdentity: () => undefined,
  open: (key) => defaultStrategy.open(key),
};

test('gives each name its own strategy', () => {
  const catalog = new KeyStrategyCatalog({ default: defaultStrategy, 'aws-kms': awsKms });
  expect(STRATEGY_NAMES.map((name) => catalog.get(name).name)).toEqual([...STRATEGY_NAMES]);
});
