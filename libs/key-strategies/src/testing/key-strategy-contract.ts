import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeyBytes, type WrapContext } from '#envelope';
import { KeyStrategyError, type KeyWrapper } from '../contract.js';

/** A wrapper opened for the vault key that `context` names, and how to put away what stands behind it. */
export interface OpenedKey {
  wrapper: KeyWrapper;
  context: WrapContext;
  close?: () => Promise<void>;
}

export interface ContractOptions {
  /** Bits of a wrapped key to flip, evenly spread over it; every bit when left out. For strategies whose unwrap is slow. */
  flips?: number;
}

const OTHER = 'ffffffff-ffff-4fff-8fff-ffffffffffff';

/** The claims that every key strategy keeps. `open` is called once for the suite. */
export function describeKeyStrategy(kind: string, open: () => Promise<OpenedKey>, options: ContractOptions = {}): void {
  describe(`key strategy ${kind}`, () => {
    let opened: OpenedKey;
    let wrapped: Buffer;
    const dataKey = KeyBytes.random();

    beforeAll(async () => {
      opened = await open();
      ({ wrapped } = await opened.wrapper.wrap(opened.context, dataKey));
    });

    afterAll(async () => {
      dataKey.erase();
      await opened.close?.();
    });

    const expectRefused = async (context: WrapContext, bytes: Buffer): Promise<void> => {
      const error = await failureOf(opened.wrapper.unwrap(context, bytes));
      expect(error).toBeInstanceOf(KeyStrategyError);
      expect(error).toMatchObject({ name: 'KeyStrategyError', code: 'not_intact' });
    };

    test('unwraps what it wrapped', async () => {
      const { dataKey: unwrapped } = await opened.wrapper.unwrap(opened.context, wrapped);
      expect(unwrapped.expose().equals(dataKey.expose())).toBe(true);
      unwrapped.erase();
    });

    test('hands out a key of the caller’s own with each unwrap', async () => {
      const first = await opened.wrapper.unwrap(opened.context, wrapped);
      const second = await opened.wrapper.unwrap(opened.context, wrapped);
      first.dataKey.erase();
      expect(second.dataKey.expose().equals(dataKey.expose())).toBe(true);
      second.dataKey.erase();
    });

    test('leaves the caller’s data key and wrapped bytes as they were', async () => {
      const given = KeyBytes.random();
      const before = Buffer.from(given.expose());
      const { wrapped: bytes } = await opened.wrapper.wrap(opened.context, given);
      expect(given.expose().equals(before)).toBe(true);
      const bytesBefore = Buffer.from(bytes);
      (await opened.wrapper.unwrap(opened.context, bytes)).dataKey.erase();
      expect(bytes.equals(bytesBefore)).toBe(true);
      given.erase();
    });

    test('never wraps one key to the same bytes twice', async () => {
      const { wrapped: again } = await opened.wrapper.wrap(opened.context, dataKey);
      expect(again.equals(wrapped)).toBe(false);
    });

    test('shows nothing of the data key in the wrapped bytes', () => {
      expect(wrapped.includes(dataKey.expose())).toBe(false);
    });

    test.each(['workspaceId', 'vaultId', 'dataKeyId', 'vaultKeyId'] as const)('refuses another context: %s', async (field) => {
      await expectRefused({ ...opened.context, [field]: OTHER }, wrapped);
    });

    test('refuses a wrapped key with a flipped bit', async () => {
      const bits = wrapped.length * 8;
      const step = Math.max(1, Math.floor(bits / (options.flips ?? bits)));
      for (let bit = 0; bit < bits; bit += step) await expectRefused(opened.context, withFlippedBit(wrapped, bit));
    });

    test('refuses a truncated or extended wrapped key', async () => {
      const changed = [Buffer.alloc(0), wrapped.subarray(1), wrapped.subarray(0, -1), Buffer.concat([wrapped, Buffer.alloc(1)])];
      for (const bytes of changed) await expectRefused(opened.context, bytes);
    });

    test('refuses random bytes as long as a wrapped key', async () => {
      const random = Buffer.concat(Array.from({ length: Math.ceil(wrapped.length / 32) }, () => KeyBytes.random().expose()));
      await expectRefused(opened.context, random.subarray(0, wrapped.length));
    });

    test('is healthy, with every check passed, when it is probed', async () => {
      const report = await opened.wrapper.probe();
      expect(report).toMatchObject({ ok: true, health: 'healthy' });
      expect(report.checks.length).toBeGreaterThan(0);
      expect(report.checks.filter(({ ok }) => !ok)).toEqual([]);
    });
  });
}

/** What a promise was rejected with; undefined when it was not. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function withFlippedBit(bytes: Buffer, bit: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return flipped;
}
