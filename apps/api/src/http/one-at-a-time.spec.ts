import { expect, test } from '@jest/globals';
import { OneAtATime } from './one-at-a-time.js';

test('those of one name come one after the other, in their order, and another name does not wait for them', async () => {
  const queue = new OneAtATime();
  const seen: string[] = [];
  const endFirst = await queue.turn('a');
  const second = queue.turn('a').then((end) => {
    seen.push('second');
    end();
  });
  const third = queue.turn('a').then((end) => {
    seen.push('third');
    end();
  });
  (await queue.turn('b'))();
  seen.push('b');
  endFirst();
  await Promise.all([second, third]);
  expect(seen).toEqual(['b', 'second', 'third']);
  (await queue.turn('a'))();
});
