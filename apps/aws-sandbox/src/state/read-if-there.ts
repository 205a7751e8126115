import { readFile } from 'node:fs/promises';
import { hasErrorCode } from '../error-code.js';

/** @returns undefined when there is no such file; any other trouble is thrown */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
