export interface Argon2idCost {
  /** KiB */
  memory: number;
  passes: number;
  parallelism: number;
}

/** A password's hash with what it was made with. */
export interface Argon2idHash extends Argon2idCost {
  salt: Buffer;
  tag: Buffer;
}

/** As the PHC string format has it: argon2id, version 1.3, base64 without padding. */
const PHC = /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

export const SALT_BYTES = 16;
export const TAG_BYTES = 32;

export function encodePhc({ memory, passes, parallelism, salt, tag }: Argon2idHash): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** Throws for anything else: what is stored was written here. */
export function decodePhc(text: string): Argon2idHash {
  const [, memory, passes, parallelism, salt, tag] = PHC.exec(text) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('a stored password is no argon2id hash of ours');
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { ...cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
