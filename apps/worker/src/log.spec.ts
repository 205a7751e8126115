import { expect, test } from '@jest/globals';
import { loggedError } from './log.js';

test('the log keeps the name, code and frames of an error, and none of the text that may quote a row', () => {
  const error = Object.assign(new Error('Key (name)=(s3cret) already exists.'), { code: '23505', detail: 's3cret' });
  const logged = loggedError(error);
  expect(logged).toMatchObject({ name: 'Error', code: '23505', stack: expect.stringContaining('log.spec') });
  expect(JSON.stringify(logged)).not.toContain('s3cret');
});
