import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { SecretProblem } from './secret-problem.js';

const KEY_BYTES = 32;
const FILE_BYTES_MAX = 66; // 64 digits and the end of a line
/** Of a file's mode: others may do anything, or the group may write. A group that reads is how secrets are mounted. */
const TOO_OPEN = 0o027;

/** The 32 bytes of the service's root key, from a file or a variable. Throws SecretProblem. */
export function readRootKey({ rootKeyFile, rootKey }: Readonly<Record<string, string>>): Buffer {
  if ((rootKeyFile === undefined) === (rootKey === undefined)) {
    throw new SecretProblem(
      'KEYHOLD_ROOT_KEY_FILE must name a file with the 32 bytes of the root key (openssl rand -out FILE 32), or KEYHOLD_ROOT_KEY must hold them in base64; set one of the two.',
    );
  }
  return rootKeyFile === undefined ? fromBase64(rootKey ?? '') : fromFile(rootKeyFile);
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === KEY_BYTES && bytes.toString('base64') === text) return bytes;
  throw new SecretProblem('KEYHOLD_ROOT_KEY must be 32 bytes in base64 (openssl rand -base64 32).');
}

function fromFile(path: string): Buffer {
  const bytes = readPrivateFile(path);
  if (bytes.length === KEY_BYTES) return bytes;
  const digits = bytes.toString('latin1').trimEnd();
  if (/^[0-9a-f]{64}$/i.test(digits)) return Buffer.from(digits, 'hex');
  throw new SecretProblem('The file that KEYHOLD_ROOT_KEY_FILE names must hold 32 bytes, or 64 hexadecimal digits.');
}

function readPrivateFile(path: string): Buffer {
  const file = open(path);
  try {
    const { mode } = fstatSync(file);
    if ((mode & TOO_OPEN) !== 0) {
      throw new SecretProblem('The file that KEYHOLD_ROOT_KEY_FILE names must not be open to other users: chmod 600 it.');
    }
    const buffer = Buffer.alloc(FILE_BYTES_MAX + 1);
    return buffer.subarray(0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new SecretProblem('The file that KEYHOLD_ROOT_KEY_FILE names cannot be read by this process.', { cause });
  }
}
