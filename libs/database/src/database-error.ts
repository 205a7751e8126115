export type DatabaseErrorCode =
  /** Nobody answers, or not in time; nothing was done. */
  | 'unavailable'
  /** The connection was lost while the commit was under way: it may have happened. A repeat under the same idempotency key tells. */
  | 'outcome_unknown'
  /** The idempotency key was used before, for another request. */
  | 'idempotency_key_reused'
  /** Not a cursor that this list of this workspace gave out. */
  | 'bad_cursor';

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(
    readonly code: DatabaseErrorCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

/** SQLSTATE of an error that PostgreSQL itself answered; undefined for everything that happened on the way there. */
export function sqlState(error: unknown): string | undefined {
  if (!Error.isError(error) || !('code' in error) || !('severity' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether `error` says that a row with this unique key is already there. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether `error` says that a row which this key points to is not there, or not any more. */
export function isForeignKeyViolation(error: unknown, constraint: string): boolean {
  return sqlState(error) === '23503' && (error as { constraint?: unknown }).constraint === constraint;
}

/** Whether `error` says that this column of this table must have a value. */
export function isNotNullViolation(error: unknown, table: string, column: string): boolean {
  if (sqlState(error) !== '23502') return false;
  const { table: where, column: what } = error as { table?: unknown; column?: unknown };
  return where === table && what === column;
}

/** Shutting down, starting up, too many connections, out of resources, read-only: the server cannot serve now. */
const UNAVAILABLE_STATES = /^(?:57P0[1-5]|53...|08...|25006|57014|55P03)$/;

/** The error to throw for a failed statement: PostgreSQL's own verdicts stay as they are, the rest means that it cannot be asked. */
export function asDatabaseError(error: unknown): unknown {
  const state = sqlState(error);
  if (state !== undefined) return UNAVAILABLE_STATES.test(state) ? new DatabaseError('unavailable', { cause: error }) : error;
  return isTransport(error) ? new DatabaseError('unavailable', { cause: error }) : error;
}

const TRANSPORT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const TRANSPORT_TEXTS =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|timeout expired)/;

function isTransport(error: unknown): boolean {
  if (!Error.isError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isTransport); // every address of a host was tried
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && TRANSPORT_CODES.has(code)) || TRANSPORT_TEXTS.test(error.message);
}
