import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Asked, requestDigest } from './request-digest.js';

const ASKED: Asked = {
  method: 'PUT',
  route: '/v1/workspaces/:workspaceId/items/:itemId',
  params: { workspaceId: 'w', itemId: 'i' },
  query: '',
  body: Buffer.from('{"name":"a"}'),
};
const hex = (asked: Partial<Asked>): string => requestDigest({ ...ASKED, ...asked }).toString('hex');

describe('the digest of a request', () => {
  test('is the same for the same request, in whatever order its parameters stand', () => {
    expect(hex({})).toHaveLength(64);
    expect(hex({ params: { itemId: 'i', workspaceId: 'w' } })).toBe(hex({}));
  });

  test.each<[string, Partial<Asked>]>([
    ['method', { method: 'POST' }],
    ['route', { route: '/v1/workspaces/:workspaceId/items' }],
    ['parameter', { params: { workspaceId: 'w', itemId: 'j' } }],
    ['query', { query: '?a=b' }],
    ['byte of the body', { body: Buffer.from('{"name":"b"}') }],
    ['blank in the body', { body: Buffer.from('{"name": "a"}') }],
    ['empty body', { body: Buffer.alloc(0) }],
  ])('is another one for another %s', (_what, changed) => {
    expect(hex(changed)).not.toBe(hex({}));
  });

  test('cannot be reached by moving text from one part to another', () => {
    const text = fc.string({ maxLength: 6 });
    const asked = fc.record({
      method: text,
      route: text,
      params: fc.record({ a: text, b: text }),
      query: text,
      body: text.map((s) => Buffer.from(s)),
    });
    fc.assert(
      fc.property(asked, asked, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(requestDigest(one)).not.toEqual(requestDigest(other));
      }),
    );
  });
});
