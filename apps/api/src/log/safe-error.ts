import { AccessError } from '#access';
import { DatabaseError } from '#database';
import { EnvelopeError } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { ItemError } from '#items';
import { JobError } from '#jobs';
import { IdentityProviderError, OidcCallError } from '#sign-in';
import { VaultError } from '#vaults';
import { WorkspaceError } from '#workspaces';
import { AwsError } from '#aws';
import { ConfigError } from '#settings';
import { HttpError } from '../http/http-error.js';

export interface LoggedError {
  name: string;
  code?: string;
  message?: string;
  /** Frames only: the first line of a stack repeats the message. */
  stack?: string;
  cause?: LoggedError;
}

const CAUSES_MAX = 5;
/** Their messages are constants and codes, by the contract of their rooms. */
const OUR_ERRORS = [
  AccessError,
  ConfigError,
  DatabaseError,
  EnvelopeError,
  HttpError,
  KeyStrategyError,
  WorkspaceError,
  VaultError,
  ItemError,
  JobError,
  AwsError,
  IdentityProviderError,
  OidcCallError,
] as const;
/** Of V8's own: they name properties, not values. Node's have a code and may quote what they were given. */
const PLAIN_ERRORS: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'Error']);

/**
 * An error as the log may have it. Everything but name, code and frames stays out, and the message of an error that is neither
 * ours nor plain: PostgreSQL's quote the values of rows, JSON.parse's the text it read.
 */
export function safeError(error: unknown, causesLeft = CAUSES_MAX): LoggedError {
  if (!isError(error)) return { name: typeof error };
  return {
    name: error.name,
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...(mayBeRead(error) && { message: error.message }),
    stack: framesOf(error),
    ...(error.cause !== undefined && causesLeft > 0 && { cause: safeError(error.cause, causesLeft - 1) }),
  };
}

/** Also one that was made in another realm, as worker threads and test runners have them. */
const isError = (error: unknown): error is Error => Object.prototype.toString.call(error) === '[object Error]';

function mayBeRead(error: Error): boolean {
  if (OUR_ERRORS.some((room) => error instanceof room)) return true;
  return PLAIN_ERRORS.has(error.name) && !('code' in error) && error.constructor.name === error.name;
}

/** What follows the message; a text in the message may look like a frame. */
function framesOf({ message, stack = '' }: Error): string {
  const at = stack.indexOf(message);
  const frames = at < 0 ? '' : stack.slice(at + message.length);
  return frames
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
