import { expect, test } from '@jest/globals';
import { KeyBytes } from '#envelope';
import { PlaintextCache } from './plaintext-cache.js';

function aCache(max = 10) {
  const clock = { now: 0 };
  return { clock, cache: new PlaintextCache(max, () => clock.now) };
}
const proved = (provedAt: number) => ({ key: KeyBytes.random(), provedAt, calls: [] });
const isErased = (key: KeyBytes) => {
  try {
    key.expose();
    return false;
  } catch {
    return true;
  }
};

test('a key serves for its age from the proof, however often it is used', () => {
  const { cache, clock } = aCache();
  cache.set('a', proved(0), 60);
  for (clock.now = 0; clock.now <= 60_000; clock.now += 10_000) expect(cache.get('a', 60)).toBeDefined();
  clock.now = 60_001;
  expect(cache.get('a', 60)).toBeUndefined();
});

test('a shorter age asked for counts at once', () => {
  const { cache, clock } = aCache();
  cache.set('a', proved(0), 300);
  clock.now = 31_000;
  expect(cache.get('a', 30)).toBeUndefined();
  expect(cache.get('a', 300)).toBeDefined();
  expect(cache.get('a', 0)).toBeUndefined();
});

test('what is replaced, dropped or crowded out is zeroed', () => {
  const { cache } = aCache(2);
  const [replaced, dropped, crowded, kept] = [proved(0), proved(0), proved(0), proved(0)];
  cache.set('w/v1/a', replaced, 60);
  cache.set('w/v1/a', dropped, 60);
  expect(cache.drop('w/v1/')).toBe(1);
  cache.set('w/v2/a', crowded, 60);
  cache.set('w/v3/a', kept, 60);
  cache.set('w/v4/a', proved(0), 60);
  expect([replaced, dropped, crowded, kept].map(({ key }) => isErased(key))).toEqual([true, true, true, false]);
});
