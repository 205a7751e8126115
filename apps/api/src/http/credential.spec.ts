import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { credentialOf } from './credential.js';

const TOKEN = 'khw_0123456789abcdef_AbC-d';

/** What Node makes of these headers: it keeps the first `authorization` and joins the others. */
function request(...rawHeaders: [string, string][]): IncomingMessage {
  const headers: Record<string, string> = {};
  for (const [name, value] of rawHeaders) {
    const key = name.toLowerCase();
    headers[key] = key in headers && key !== 'authorization' ? `${headers[key] ?? ''}, ${value}` : (headers[key] ?? value);
  }
  return { headers, rawHeaders: rawHeaders.flat() } as unknown as IncomingMessage;
}

describe('the credential of a request', () => {
  test.each<[string, [string, string]]>([
    ['Authorization', ['authorization', `Bearer ${TOKEN}`]],
    ['Authorization in other letters', ['AUTHORIZATION', `bearer ${TOKEN}`]],
    ['X-API-Key', ['X-API-Key', TOKEN]],
  ])('stands in %s', (_where, header) => {
    expect(credentialOf(request(['host', 'x'], header))).toEqual({ token: TOKEN, isCookie: false });
  });

  test.each<[string, [string, string][]]>([
    ['no header', []],
    [
      'both headers',
      [
        ['authorization', `Bearer ${TOKEN}`],
        ['x-api-key', TOKEN],
      ],
    ],
    [
      'two Authorization headers',
      [
        ['authorization', `Bearer ${TOKEN}`],
        ['Authorization', `Bearer ${TOKEN}`],
      ],
    ],
    [
      'two X-API-Key headers',
      [
        ['x-api-key', TOKEN],
        ['x-api-key', TOKEN],
      ],
    ],
    ['another scheme', [['authorization', `Basic ${TOKEN}`]]],
    ['no scheme', [['authorization', TOKEN]]],
    ['an empty token', [['authorization', 'Bearer ']]],
    ['an empty key', [['x-api-key', '']]],
    ['two tokens', [['authorization', `Bearer ${TOKEN} ${TOKEN}`]]],
    ['a list of tokens', [['authorization', `Bearer ${TOKEN},${TOKEN}`]]],
    ['a tab', [['authorization', `Bearer\t${TOKEN}`]]],
    ['a very long token', [['authorization', `Bearer ${'a'.repeat(600)}`]]],
    ['a token with a quote', [['x-api-key', `"${TOKEN}"`]]],
  ])('is none with %s', (_what, headers) => {
    expect(credentialOf(request(...headers))).toBeUndefined();
  });
});
