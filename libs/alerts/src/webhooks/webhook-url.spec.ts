import { describe, expect, test } from '@jest/globals';
import { readWebhookUrl } from './webhook-url.js';

const PRIVATE = new Set(['https://alerts.corp', 'https://127.0.0.1:3000', 'http://127.0.0.1:3001']);

describe('the URL of a receiver', () => {
  test.each(['https://hooks.acme.example/a?b=c', 'https://8.8.8.8/x', 'https://alerts.corp/x', 'https://127.0.0.1:3000'])(
    '%s may be one',
    (text) => expect(readWebhookUrl(text, PRIVATE)?.protocol).toBe('https:'),
  );

  test.each([
    '',
    'hooks.acme.example',
    'http://hooks.acme.example',
    'http://127.0.0.1:3001',
    'ftp://hooks.acme.example',
    'https://localhost',
    'https://db.internal',
    'https://postgres',
    'https://alerts.corp:444',
    'https://user@hooks.acme.example',
    'https://user:pass@hooks.acme.example',
    'https://hooks.acme.example/#a',
    'https://hooks.acme.example/a b',
    'https://hooks.acme.example/\n',
    `https://hooks.acme.example/${'x'.repeat(2048)}`,
  ])('%.60j is none', (text) => expect(readWebhookUrl(text, PRIVATE)).toBeUndefined());
});
