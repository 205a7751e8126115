import { EnvelopeError, type KeyBytes, type RootKey, openBytes, sealBytes } from '#envelope';
import { DatabaseError } from './database-error.js';

/** Opaque marks of where a page ended. Sealed under workspace and list, so that they can be neither made, read nor moved. */
export class Cursors {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('cursors');
  }

  seal(workspaceId: string, list: string, position: unknown): string {
    return sealBytes(this.#key, Buffer.from(JSON.stringify(position)), binding(workspaceId, list)).toString('base64url');
  }

  /** Throws `bad_cursor` for everything that was not sealed here for this list. */
  open(workspaceId: string, list: string, cursor: string): unknown {
    try {
      return JSON.parse(openBytes(this.#key, Buffer.from(cursor, 'base64url'), binding(workspaceId, list)).toString('utf8'));
    } catch (error) {
      if (error instanceof EnvelopeError) throw new DatabaseError('bad_cursor');
      throw error;
    }
  }
}

function binding(workspaceId: string, list: string): Buffer {
  return Buffer.from(JSON.stringify([workspaceId, list]));
}
