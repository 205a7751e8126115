import fc from 'fast-check';
import type { ItemBinding } from '../item-binding.js';
import type { TokenBinding } from '../token-binding.js';
import type { WrapContext } from '../wrap-context.js';

const WORKSPACE = '0197a000-0000-7000-8000-000000000001';
const VAULT = '0197a000-0000-7000-8000-000000000002';
const ITEM = '0197a000-0000-7000-8000-000000000003';
const DATA_KEY = '0197a000-0000-7000-8000-000000000004';
const VAULT_KEY = '0197a000-0000-7000-8000-000000000005';

export const anItemBinding: ItemBinding = { workspaceId: WORKSPACE, vaultId: VAULT, itemId: ITEM, version: 1, dataKeyId: DATA_KEY };
export const aTokenBinding: TokenBinding = { workspaceId: WORKSPACE, vaultId: VAULT, dataKeyId: DATA_KEY, context: 'orders/4711' };
export const aWrapContext: WrapContext = { workspaceId: WORKSPACE, vaultId: VAULT, dataKeyId: DATA_KEY, vaultKeyId: VAULT_KEY };

/** The last digit of a UUID, for neighbours that differ in one character. */
export function neighbourId(id: string, digit: number): string {
  return `${id.slice(0, -1)}${digit}`;
}

export const anyItemBinding: fc.Arbitrary<ItemBinding> = fc.record({
  workspaceId: fc.uuid(),
  vaultId: fc.uuid(),
  itemId: fc.uuid(),
  version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  dataKeyId: fc.uuid(),
});

export const anyTokenBinding: fc.Arbitrary<TokenBinding> = fc.record({
  workspaceId: fc.uuid(),
  vaultId: fc.uuid(),
  dataKeyId: fc.uuid(),
  context: fc.string({ unit: 'binary', minLength: 1, maxLength: 512 }),
});
