import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Statement } from '#audit';
import type { KeyUses } from './key-uses.js';

// before the cache of the subject takes its clock
jest.useFakeTimers();
const subject = await import('./key-uses.js');

const ACME = '0197a000-0000-7000-8000-00000000000a';
const GLOBEX = '0197a000-0000-7000-8000-00000000000b';

/** Keeps what was written; answers when it is told to. */
class Notes {
  readonly written: [workspaceId: string, apiKeyIds: readonly string[]][] = [];
  failing = false;

  note({ workspaceId }: { workspaceId: string }, _statement: Statement, [apiKeyIds]: readonly unknown[]): Promise<never[]> {
    if (this.failing) return Promise.reject(new Error('nobody answers'));
    this.written.push([workspaceId, apiKeyIds as string[]]);
    return Promise.resolve([]);
  }
}

describe('when keys were used', () => {
  let notes: Notes;
  let uses: KeyUses;

  beforeEach(() => {
    notes = new Notes();
    uses = new subject.KeyUses(notes);
  });

  test('is written behind the requests, once for all of them', async () => {
    for (let i = 0; i < 1_000; i += 1) for (const key of ['a', 'b']) uses.used(ACME, key);
    uses.used(GLOBEX, 'c');
    expect(notes.written).toEqual([]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(notes.written).toEqual([
      [ACME, ['a', 'b']],
      [GLOBEX, ['c']],
    ]);
  });

  test('is written at most once a minute and key', async () => {
    for (let second = 0; second < 180; second += 1) {
      uses.used(ACME, 'a');
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(notes.written).toHaveLength(3);
  });

  test('harms nobody when it cannot be written, and is written at the next use', async () => {
    notes.failing = true;
    uses.used(ACME, 'a');
    await jest.advanceTimersByTimeAsync(1_000);
    notes.failing = false;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(notes.written).toEqual([]);
    uses.used(ACME, 'a');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(notes.written).toEqual([[ACME, ['a']]]);
  });

  test('is written at once when the process goes', async () => {
    uses.used(ACME, 'a');
    await uses.write();
    expect(notes.written).toEqual([[ACME, ['a']]]);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(notes.written).toHaveLength(1);
  });
});
