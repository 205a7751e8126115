/** What a failure is called in the audit trail: the code and the facts of our own errors, nothing else of anybody's. */
export function failureDetails(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return { code: 'internal' };
  const { cause, region, awsError, awsRequestId } = 'facts' in error ? (error.facts as Record<string, unknown>) : {};
  return { code: error.code, cause, region, awsError, awsRequestId };
}
