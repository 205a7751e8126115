import { describe, expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { RecoveryCodes } from './recovery-codes.js';

const ADA = { workspaceId: '0197a000-0000-7000-8000-00000000000a', memberId: '0197a000-0000-7000-8000-00000000000b' };
const recoveryCodes = new RecoveryCodes(RootKey.fromBytes(Buffer.alloc(32, 1)));

describe('recovery codes', () => {
  test('are ten of 80 bits, without letters that look like digits', () => {
    const { codes, hmacs } = recoveryCodes.mint(ADA);
    expect(new Set(codes).size).toBe(10);
    expect(hmacs).toHaveLength(10);
    for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){3}$/);
  });

  test('are each found as the one that they are, so that it can be taken out', () => {
    const { codes, hmacs } = recoveryCodes.mint(ADA);
    codes.forEach((code, nth) => expect(recoveryCodes.find(ADA, hmacs, code)).toBe(hmacs[nth]));
    const [used = '', ...others] = codes;
    const left = hmacs.filter((hmac) => hmac !== recoveryCodes.find(ADA, hmacs, used));
    expect(recoveryCodes.find(ADA, left, used)).toBeUndefined();
    for (const code of others) expect(recoveryCodes.find(ADA, left, code)).toBeDefined();
  });

  test('are what they are however they are typed', () => {
    const { codes, hmacs } = recoveryCodes.mint(ADA);
    for (const [nth, code] of codes.entries())
      for (const typed of [
        code.toUpperCase(),
        code.replaceAll('-', ''),
        ` ${code.replaceAll('-', ' ')}\n`,
        code.replaceAll('0', 'O'),
        code.replaceAll('1', 'l'),
        code.replaceAll('1', 'I'),
      ])
        expect(recoveryCodes.find(ADA, hmacs, typed)).toBe(hmacs[nth]);
  });

  test('are nothing for another member, in another workspace, or under another root key', () => {
    const { codes, hmacs } = recoveryCodes.mint(ADA);
    const others = new RecoveryCodes(RootKey.fromBytes(Buffer.alloc(32, 2)));
    for (const code of codes) {
      expect(recoveryCodes.find({ ...ADA, memberId: ADA.workspaceId }, hmacs, code)).toBeUndefined();
      expect(recoveryCodes.find({ ...ADA, workspaceId: ADA.memberId }, hmacs, code)).toBeUndefined();
      expect(others.find(ADA, hmacs, code)).toBeUndefined();
    }
  });

  test.each(['', '-', '0000-0000-0000-0000', 'nonsense'])('are not %j', (code) => {
    expect(recoveryCodes.find(ADA, recoveryCodes.mint(ADA).hmacs, code)).toBeUndefined();
    expect(recoveryCodes.find(ADA, [], code)).toBeUndefined();
  });

  test('cannot be read from what is kept of them', () => {
    const { codes, hmacs } = recoveryCodes.mint(ADA);
    const kept = Buffer.concat(hmacs);
    for (const code of codes) expect(kept.includes(code.replaceAll('-', ''))).toBe(false);
    for (const hmac of hmacs) expect(hmac).toHaveLength(32);
  });
});
