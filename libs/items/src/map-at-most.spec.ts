import { describe, expect, test } from '@jest/globals';
import { mapAtMost } from './map-at-most.js';

describe('working through a list', () => {
  test('answers in the order of the list, whatever is done first', async () => {
    const turns = Array.from({ length: 5 }, () => Promise.withResolvers<string>());
    const results = mapAtMost(5, turns, ({ promise }) => promise);
    turns.toReversed().forEach(({ resolve }, place) => resolve(`done as ${place}`));
    expect(await results).toEqual(['done as 4', 'done as 3', 'done as 2', 'done as 1', 'done as 0']);
  });

  test('has no more than that many under way', async () => {
    let underWay = 0;
    let most = 0;
    await mapAtMost(3, Array.from({ length: 50 }), async () => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay -= 1;
    });
    expect(most).toBe(3);
  });

  test('begins nothing new after a failure', async () => {
    const begun: number[] = [];
    const failing = mapAtMost(2, [0, 1, 2, 3, 4, 5], async (one) => {
      begun.push(one);
      await Promise.resolve();
      if (one === 1) throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(begun).toEqual([0, 1, 2]);
  });

  test('of nothing is nothing', async () => {
    expect(await mapAtMost(3, [], () => Promise.reject(new Error('nothing to do')))).toEqual([]);
  });
});
