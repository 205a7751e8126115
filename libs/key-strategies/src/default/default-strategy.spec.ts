import { describe, expect, test } from '@jest/globals';
import { KeyBytes, RootKey } from '#envelope';
import { type KeyStrategy, KeyStrategyError, type VaultKey } from '../contract.js';
import { describeKeyStrategy } from '../testing/key-strategy-contract.js';
import { DefaultStrategy } from './default-strategy.js';

const WORKSPACE = '0197a000-0000-7000-8000-000000000001';
const key: VaultKey = {
  workspaceId: WORKSPACE,
  vaultId: '0197a000-0000-7000-8000-000000000002',
  vaultKeyId: '0197a000-0000-7000-8000-000000000003',
  strategy: 'default',
  config: {},
};
const { workspaceId, vaultId, vaultKeyId } = key;
const context = { workspaceId, vaultId, vaultKeyId, dataKeyId: '0197a000-0000-7000-8000-000000000004' };
const aStrategy = () => new DefaultStrategy(RootKey.fromBytes(Buffer.alloc(32, 7)));

describeKeyStrategy('default', () => Promise.resolve({ wrapper: aStrategy().open(key), context }));

describe('DefaultStrategy', () => {
  test('opens after a restart what it wrapped before', async () => {
    const dataKey = KeyBytes.random();
    const { wrapped } = await aStrategy().open(key).wrap(context, dataKey);
    const unwrapped = await aStrategy().open(key).unwrap(context, wrapped);
    expect(unwrapped.dataKey.expose()).toEqual(dataKey.expose());
  });

  test('refuses a key that another root key wrapped', async () => {
    const other = new DefaultStrategy(RootKey.fromBytes(Buffer.alloc(32, 8)));
    const { wrapped } = await other.open(key).wrap(context, KeyBytes.random());
    await expect(aStrategy().open(key).unwrap(context, wrapped)).rejects.toMatchObject({ code: 'not_intact' });
  });

  test('refuses to work for another vault’s key, although the root key could', async () => {
    const otherKey = { ...key, vaultId: '0197a000-0000-7000-8000-000000000009' };
    const otherContext = { ...context, vaultId: otherKey.vaultId };
    const { wrapped } = await aStrategy().open(otherKey).wrap(otherContext, KeyBytes.random());
    await expect(aStrategy().open(key).unwrap(otherContext, wrapped)).rejects.toMatchObject({ code: 'not_intact' });
    await expect(aStrategy().open(key).wrap(otherContext, KeyBytes.random())).rejects.toMatchObject({ code: 'not_intact' });
  });

  test('takes no configuration', () => {
    expect(aStrategy().configure(WORKSPACE, undefined)).toEqual({});
    expect(aStrategy().configure(WORKSPACE, {})).toEqual({});
    for (const input of [null, [], '', 0, { accountId: '111122223333' }]) {
      expect(() => aStrategy().configure(WORKSPACE, input)).toThrow(KeyStrategyError);
    }
  });

  test('has neither a public key to export to nor a customer’s key to name', () => {
    const strategy: KeyStrategy = aStrategy();
    expect(strategy.exportRecipient(key)).toBeUndefined();
    expect(strategy.keyIdentity(key.config)).toBeUndefined();
  });
});
