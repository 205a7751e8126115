import { setTimeout as delay } from 'node:timers/promises';
import type { JobLease } from '#jobs';
import { JobPaused } from '#jobs';
import { KeyStrategyError } from '#key-strategies';
import { VaultError, type VaultState } from '#vaults';

/** A vault key that a job asks, in the words that people read: `old`, `new`, `source`, `target`. */
export type KeyRole = 'old' | 'new' | 'source' | 'target';
export type KeyStates = readonly (readonly [role: KeyRole, state: VaultState | undefined])[];

/** With a pause that doubles each time: four minutes of silence in all. */
const TRIES_MAX = 12;
const WAIT_MS_MIN = 250;
const WAIT_MS_MAX = 60_000;

/** Nobody could be asked, or not now: says nothing about anybody's will. */
function isPassing(error: unknown): error is KeyStrategyError {
  return error instanceof KeyStrategyError && (error.code === 'unreachable' || error.code === 'busy');
}

/** The owner of a key, or of a vault, decided. */
function isDecision(error: unknown): error is KeyStrategyError | VaultError {
  if (error instanceof VaultError) return true;
  return error instanceof KeyStrategyError && (error.code === 'refused' || error.code === 'pending_deletion');
}

/**
 * Does one batch, again and again while a key cannot be asked. Throws JobPaused with the cause when somebody decided against it,
 * and when nobody answered for minutes: everything stays under the key that holds it, and the job goes on from there when it is
 * resumed.
 */
export async function patiently<Result>(lease: JobLease, states: () => Promise<KeyStates>, batch: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    lease.signal.throwIfAborted();
    try {
      return await batch();
    } catch (error) {
      if (isDecision(error)) throw new JobPaused(causeOf(error, await states()), factsOf(error), { cause: error });
      if (!isPassing(error)) throw error;
      if (tries === TRIES_MAX) throw new JobPaused('vault_key_unreachable', factsOf(error), { cause: error });
      await delay(Math.min(WAIT_MS_MIN * 2 ** (tries - 1), WAIT_MS_MAX), undefined, { signal: lease.signal }).catch(() => undefined);
    }
  }
}

/** Whose decision it was stands in the rows by now. */
function causeOf(error: KeyStrategyError | VaultError, states: KeyStates): string {
  if (error instanceof VaultError) return error.code;
  const [role] = states.find(([, state]) => state?.key_health === error.code) ?? ['vault'];
  return `${role}_key_${error.code}`;
}

function factsOf(error: KeyStrategyError | VaultError): Record<string, unknown> {
  if (error instanceof VaultError) return {};
  const { cause, region, awsError, awsRequestId, remedy } = error.facts;
  return { cause, region, awsError, awsRequestId, remedy };
}
