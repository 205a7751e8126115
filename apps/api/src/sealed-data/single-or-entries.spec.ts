import { expect, test } from '@jest/globals';
import { singleOrEntries } from './single-or-entries.js';

const entry = { context: 'c', sealed: 's' };

test('one thing is one entry', () => {
  expect(singleOrEntries(entry, undefined)).toEqual({ isSingle: true, entries: [entry] });
});

test('entries stay as they are', () => {
  expect(singleOrEntries({ context: undefined, sealed: undefined }, [entry, entry])).toEqual({ isSingle: false, entries: [entry, entry] });
});

test.each([
  ['both', entry, [entry]],
  ['half of one thing', { context: 'c', sealed: undefined }, undefined],
  ['half of one thing and entries', { context: 'c', sealed: undefined }, [entry]],
  ['neither', { context: undefined, sealed: undefined }, undefined],
])('%s is refused', (_what, single, entries) => {
  expect(() => singleOrEntries(single as typeof entry, entries)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
});
