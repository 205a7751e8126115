import { expect, test } from '@jest/globals';
import { KeyBytes } from '#envelope';
import { workspaceIdForCreation } from './workspace-id.js';

const key = KeyBytes.copyOf(Buffer.alloc(32, 5));
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('a workspace id is random without an idempotency key', () => {
  expect(workspaceIdForCreation(key, 'operator', undefined)).toMatch(UUID);
  expect(workspaceIdForCreation(key, 'operator', undefined)).not.toBe(workspaceIdForCreation(key, 'operator', undefined));
});

test('a workspace id follows from an idempotency key, the principal and the service’s key', () => {
  const id = workspaceIdForCreation(key, 'operator', 'a');
  expect(id).toMatch(UUID);
  expect(workspaceIdForCreation(key, 'operator', 'a')).toBe(id);
  const others = [
    workspaceIdForCreation(key, 'operator', 'b'),
    workspaceIdForCreation(key, 'other', 'a'),
    workspaceIdForCreation(KeyBytes.copyOf(Buffer.alloc(32, 6)), 'operator', 'a'),
  ];
  expect(new Set([id, ...others]).size).toBe(4);
});
