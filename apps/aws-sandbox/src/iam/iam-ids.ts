import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const letters = (length: number): string => Array.from(randomBytes(length), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');

export const newRoleId = (): string => `AROA${letters(17)}`;
export const newUserId = (): string => `AIDA${letters(17)}`;
export const newAccessKeyId = (): string => `AKIA${letters(16)}`;
export const newSessionAccessKeyId = (): string => `ASIA${letters(16)}`;
export const newSecretAccessKey = (): string => randomBytes(30).toString('base64');
export const newSessionToken = (): string => randomBytes(270).toString('base64');
export const newAccountId = (): string => String(randomInt(100_000_000_000, 1_000_000_000_000 - 1));
