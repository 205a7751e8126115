import { createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addToPool, DirectoryKeyPool } from './key-pool-directory.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyhold-pool-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('a pool in a directory', () => {
  it('gives its keys in order, each once, and again only in a new life', async () => {
    await writeFile(join(directory, 'RSA_4096-02.pem'), 'two');
    await writeFile(join(directory, 'RSA_4096-01.pem'), 'one');
    await writeFile(join(directory, 'RSA_4096-10.pem'), 'ten');
    await writeFile(join(directory, 'RSA_2048-01.pem'), 'other');
    const pool = new DirectoryKeyPool(directory);
    const drawn = await Promise.all([pool.draw('RSA_4096'), pool.draw('RSA_4096'), pool.draw('RSA_4096')]);
    expect(drawn).toEqual(['one', 'two', 'ten']);
    const resumed = new DirectoryKeyPool(directory);
    resumed.restart(pool.drawn().slice(0, 2));
    expect(await resumed.draw('RSA_4096')).toBe('ten');
    pool.restart([]);
    expect(await pool.draw('RSA_4096')).toBe('one');
  });

  it('adds what it had to generate, so that the next sandbox finds it', async () => {
    const pool = new DirectoryKeyPool(directory);
    const pem = await pool.draw('RSA_2048');
    expect(createPublicKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(await readdir(directory)).toEqual(['RSA_2048-01.pem']);
    expect(await new DirectoryKeyPool(directory).draw('RSA_2048')).toBe(pem);
  });

  it('never overwrites a key that another process added at the same moment', async () => {
    const names = await Promise.all(['a', 'b', 'c', 'd'].map((pem) => addToPool(directory, 'RSA_3072', pem)));
    expect([...names].sort()).toEqual(['RSA_3072-01.pem', 'RSA_3072-02.pem', 'RSA_3072-03.pem', 'RSA_3072-04.pem']);
    expect((await readdir(directory)).sort()).toEqual([...names].sort());
  });
});
