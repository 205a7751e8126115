import type { SignInLimiter, Try } from '#limits';
import { SignInError, type SignInErrorCode } from './sign-in-error.js';

/** Somebody was wrong. Whatever else goes wrong is no try of theirs. */
const WRONG: ReadonlySet<SignInErrorCode> = new Set([
  'sign_in_refused',
  'identity_not_confirmed',
  'invitation_refused',
  'totp_code_refused',
]);

export const isWrongTry = (error: unknown): error is SignInError => error instanceof SignInError && WRONG.has(error.code);

/** Does `work` as one try that counts unless it was the right one. Throws LimitError before anything is done. */
export async function asCountedTry<Result>(limiter: Pick<SignInLimiter, 'take'>, tried: Try, work: () => Promise<Result>): Promise<Result> {
  const permit = await limiter.take(tried);
  const result = await work().catch(async (error: unknown) => {
    if (!isWrongTry(error)) await Promise.allSettled([permit.undecided()]);
    throw error;
  });
  await permit.succeeded();
  return result;
}
