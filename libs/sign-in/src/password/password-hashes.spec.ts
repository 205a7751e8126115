import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { type Argon2, PasswordHashes } from './password-hashes.js';

const rootKey = RootKey.fromBytes(Buffer.alloc(32, 1));
const derive: Argon2 = promisify(argon2);

/** Counts derivations, and how many are under way at once. */
class Counted {
  derived = 0;
  atOnceMost = 0;
  #atOnce = 0;

  constructor(private readonly inner: Argon2 = derive) {}

  readonly argon2id: Argon2 = async (algorithm, parameters) => {
    this.derived += 1;
    this.#atOnce += 1;
    this.atOnceMost = Math.max(this.atOnceMost, this.#atOnce);
    try {
      return await this.inner(algorithm, parameters);
    } finally {
      this.#atOnce -= 1;
    }
  };
}

describe('a password', () => {
  test('is kept as argon2id at the cost that OWASP asks for, and never twice alike', async () => {
    const hashes = new PasswordHashes(rootKey);
    const [one, other] = [await hashes.hash('violet kettle'), await hashes.hash('violet kettle')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(other).not.toBe(one);
    expect(await hashes.isRight('violet kettle', one)).toBe(true);
    expect(await hashes.isRight('violet kettlf', one)).toBe(false);
  });

  test('cannot be checked without the root key', async () => {
    const stored = await new PasswordHashes(rootKey).hash('violet kettle');
    const stolen = new PasswordHashes(RootKey.fromBytes(Buffer.alloc(32, 2)));
    expect(await stolen.isRight('violet kettle', stored)).toBe(false);
  });

  test('is as much work where there is none to compare it with', async () => {
    const counted = new Counted();
    const hashes = new PasswordHashes(rootKey, counted.argon2id);
    const stored = await hashes.hash('violet kettle');
    const worksOf = async (password: string, against: string | undefined) => {
      const before = counted.derived;
      const isRight = await hashes.isRight(password, against);
      return { isRight, derived: counted.derived - before };
    };
    expect(await worksOf('violet kettle', stored)).toEqual({ isRight: true, derived: 1 });
    expect(await worksOf('wrong', stored)).toEqual({ isRight: false, derived: 1 });
    expect(await worksOf('violet kettle', undefined)).toEqual({ isRight: false, derived: 1 });
  });

  test('that was kept at another cost is still right, and outdated', async () => {
    const cheap = new PasswordHashes(rootKey, derive, { memory: 8_192, passes: 1, parallelism: 1 });
    const hashes = new PasswordHashes(rootKey);
    const stored = await cheap.hash('violet kettle');
    expect(await hashes.isRight('violet kettle', stored)).toBe(true);
    expect(hashes.isOutdated(stored)).toBe(true);
    expect(hashes.isOutdated(await hashes.hash('violet kettle'))).toBe(false);
  });

  test('waits while two are being checked, and is turned away when 64 wait', async () => {
    const counted = new Counted(() => Promise.resolve(Buffer.alloc(32)));
    const hashes = new PasswordHashes(rootKey, counted.argon2id);
    const outcomes = await Promise.allSettled(Array.from({ length: 70 }, () => hashes.isRight('violet kettle', undefined)));
    expect(counted.atOnceMost).toBe(2);
    const turnedAway = outcomes.filter(({ status }) => status === 'rejected');
    expect(turnedAway).toHaveLength(4);
    for (const outcome of turnedAway) expect(outcome).toMatchObject({ reason: { code: 'sign_in_busy' } });
  });
});
