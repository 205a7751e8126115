import { expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { KeyStrategyCatalog } from './catalog.js';
import { type KeyStrategy, STRATEGY_NAMES } from './contract.js';
import { DefaultStrategy } from './default/default-strategy.js';

const defaultStrategy = new DefaultStrategy(RootKey.fromBytes(Buffer.alloc(32)));
const other: Omit<KeyStrategy, 'name'> = {
  exportRecipient: () => undefined,
  configure: () => ({}),
  describe: () => ({}),
  keyIdentity: () => undefined,
  open: (key) => defaultStrategy.open(key),
};

test('gives each name its own strategy', () => {
  const catalog = new KeyStrategyCatalog({
    default: defaultStrategy,
    managed: { ...other, name: 'managed' },
    'aws-kms': { ...other, name: 'aws-kms' },
  });
  expect(STRATEGY_NAMES.map((name) => catalog.get(name).name)).toEqual([...STRATEGY_NAMES]);
});
