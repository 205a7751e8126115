import { AwsError } from '#aws';

export type AwsAnswer<T> = { value: T } | { error: AwsError };

/** The answer, or AWS's failure as a value: a probe goes on after it. Anything else that is thrown is a bug and passes through. */
export async function askAws<T>(question: Promise<T>): Promise<AwsAnswer<T>> {
  try {
    return { value: await question };
  } catch (error) {
    if (error instanceof AwsError) return { error };
    throw error;
  }
}
