import { expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { Cursors } from './cursors.js';

const cursors = new Cursors(RootKey.fromBytes(Buffer.alloc(32, 3)));

test('a cursor opens for the list and the workspace that gave it out', () => {
  expect(cursors.open('acme', 'items', cursors.seal('acme', 'items', { after: 7 }))).toEqual({ after: 7 });
});

test.each([
  ['another workspace', () => cursors.open('other', 'items', cursors.seal('acme', 'items', 1))],
  ['another list', () => cursors.open('acme', 'vaults', cursors.seal('acme', 'items', 1))],
  ['another service', () => new Cursors(RootKey.fromBytes(Buffer.alloc(32, 4))).open('acme', 'items', cursors.seal('acme', 'items', 1))],
  ['text of one’s own', () => cursors.open('acme', 'items', 'eyJhZnRlciI6N30')],
  ['nothing', () => cursors.open('acme', 'items', '')],
])('a cursor is refused for %s', (_what, open) => {
  expect(open).toThrow(expect.objectContaining({ code: 'bad_cursor' }));
});

test('a cursor does not show the position that it holds', () => {
  expect(Buffer.from(cursors.seal('acme', 'items', 'position'), 'base64url').includes('position')).toBe(false);
});
