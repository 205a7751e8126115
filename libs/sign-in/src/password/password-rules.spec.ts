import { describe, expect, test } from '@jest/globals';
import { requireGoodPassword } from './password-rules.js';

const OWNER = { email: 'ada.lovelace@analytical.example', workspaceName: 'Söhne & Engines' };
const LENGTH = 'must be 12 to 256 characters';
const GUESSED = 'is too easy to guess: common words, rows of keys, your own address or workspace';

function faultOf(password: string): unknown {
  try {
    requireGoodPassword(password, OWNER, 'newPassword');
    return undefined;
  } catch (error) {
    return error;
  }
}
const refusal = (message: string) => ({ code: 'password_not_acceptable', facts: { errors: [{ field: 'newPassword', message }] } });

describe('a password', () => {
  test.each([
    'violet kettle under the pier',
    'sixteen loud parrots drink cocoa',
    'kQ7!vz0Lp#2x',
    'Ångström café ﬁre',
    '猫はとても静かに歩いていたのだ',
    '🐈🐕🐎🐄🐖🐏🐐🐪🐘🦏🦛🐁',
    'violet'.repeat(42),
  ])('can be %j', (password) => {
    expect(faultOf(password)).toBeUndefined();
  });

  test.each([
    ['', LENGTH],
    ['kQ7!vz0Lp#2', LENGTH],
    ['🐈🐕🐎🐄🐖🐏🐐🐪🐘🦏🦛', LENGTH],
    [`kQ7!vz0Lp#2x${'y'.repeat(245)}`, LENGTH],
    ['kQ7!vz0Lp#2x\ud800', LENGTH],
    ['aaaaaaaaaaaaaaaa', GUESSED],
    ['abababababababab', GUESSED],
    ['Password1234!', GUESSED],
    ['123456789012', GUESSED],
    ['qwertyuiop123', GUESSED],
    ['correct horse battery staple', GUESSED],
    ['ada.lovelace@analytical.example', GUESSED],
    ['Lovelace-Ada-99', GUESSED],
    ['Söhne&Engines-1', GUESSED],
    ['ｐａｓｓｗｏｒｄ１２３４', GUESSED],
  ])('cannot be %j', (password, message) => {
    expect(faultOf(password)).toMatchObject(refusal(message));
  });

  test('is counted in characters as people see them, in whatever composition they are typed', () => {
    const composed = 'Ångström café';
    expect(faultOf(composed)).toEqual(faultOf(composed.normalize('NFD')));
    expect(faultOf('é'.normalize('NFD').repeat(11))).toMatchObject(refusal(LENGTH));
  });

  test('is in no error', () => {
    const password = 'Password1234!';
    expect(JSON.stringify([faultOf(password), String(faultOf(password))])).not.toContain(password);
  });
});
