import { AwsError, type Trail } from '#aws';

/** `requestId` names the request that the answer rests on: the last of those it took. */
export type AwsAnswer<T> = { value: T; requestId: string | undefined } | { error: AwsError };

/**
 * The answer, or AWS's failure as a value: a probe goes on after it. Anything else that is thrown is a bug and passes through.
 * `ask` gets a trail of its own, so that questions asked side by side do not mix theirs.
 */
export async function askAws<T>(trail: Trail, ask: (trail: Trail) => Promise<T>): Promise<AwsAnswer<T>> {
  const calls: Trail = [];
  try {
    const value = await ask(calls);
    return { value, requestId: calls.at(-1)?.requestId };
  } catch (error) {
    if (error instanceof AwsError) return { error };
    throw error;
  } finally {
    trail.push(...calls);
  }
}
