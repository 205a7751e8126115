import { describe, expect, test } from '@jest/globals';
import { readIssuer } from './issuer.js';

const PRIVATE = new Set(['https://login.corp', 'https://127.0.0.1:3000', 'http://127.0.0.1:3001']);

describe('an issuer', () => {
  test.each([
    'https://login.acme.example',
    'https://login.acme.example/',
    'https://login.acme.example:8443/realms/acme',
    'https://login.acme.example/tenant/v2.0',
    'https://8.8.8.8',
    'https://login.corp',
    'https://127.0.0.1:3000/a',
  ])('%s may be one', (text) => expect(readIssuer(text, PRIVATE)?.protocol).toBe('https:'));

  test.each([
    '',
    'https://',
    'login.acme.example',
    'http://login.acme.example',
    'http://127.0.0.1:3001',
    'https://login.corp:444',
    'https://localhost',
    'https://a.localhost',
    'https://db.internal',
    'https://db.svc',
    'https://printer.local',
    'https://postgres',
    'https://user@login.acme.example',
    'https://login.acme.example?a',
    'https://login.acme.example?',
    'https://login.acme.example#',
    'https://LOGIN.acme.example',
    'https://login.acme.example:443',
    'https://login.acme.example/../x',
    'https://login.acme.example/a b',
    ' https://login.acme.example',
    'https://2130706433',
    'https://login.acme.example/.well-known/openid-configuration',
    `https://login.acme.example/${'x'.repeat(2048)}`,
  ])('%.60s is none', (text) => expect(readIssuer(text, PRIVATE)).toBeUndefined());
});
