import { inspect } from 'node:util';
import type { StaticCredentials } from './aws-options.js';

const PLACEHOLDER = '[role session]';

/** Temporary credentials of an assumed role. The secret part has one door, `credentials()`; printing a session shows nothing. */
export class RoleSession {
  readonly #credentials: StaticCredentials;

  constructor(
    credentials: StaticCredentials,
    /** On our own clock: counted from before AssumeRole was asked, so never later than AWS's own idea of the end. */
    readonly expiresAt: number,
    readonly refreshAt: number,
  ) {
    this.#credentials = credentials;
  }

  get accessKeyId(): string {
    return this.#credentials.accessKeyId;
  }

  credentials(): StaticCredentials {
    return this.#credentials;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
