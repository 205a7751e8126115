import { expect, test } from '@jest/globals';
import { scramVerifier } from './scram-verifier.mjs';

test('makes the verifier that PostgreSQL makes of the password and salt of RFC 7677', () => {
  expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});

test('salts the same password differently each time', () => {
  expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
});
