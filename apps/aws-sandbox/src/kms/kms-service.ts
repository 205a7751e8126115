import { type Trail } from '../cloudtrail/trail.js';
import { AwsJsonError } from '../wire/aws-json.js';
import { type KmsAnswer, type KmsCall, type PreparedCall } from './kms-call.js';
import { KMS_OPERATIONS } from './kms-operations.js';
import { recordKmsCall } from './kms-trail.js';

/**
 * Runs one authenticated call and records how it ended.
 * @throws AwsJsonError by AWS's names
 */
export async function performKms(trail: Trail, call: KmsCall, body: Readonly<Record<string, unknown>>): Promise<KmsAnswer> {
  const operation = KMS_OPERATIONS.get(call.operation);
  if (!operation) throw new AwsJsonError('UnknownOperationException');
  let prepared: PreparedCall | undefined;
  try {
    prepared = operation.prepare(body);
    const answer = await prepared.run(call);
    recordKmsCall(trail, call, operation, prepared, { answer });
    return answer;
  } catch (error) {
    if (error instanceof AwsJsonError) recordKmsCall(trail, call, operation, prepared, { error });
    throw error;
  }
}

export const changesKms = (operation: string): boolean => KMS_OPERATIONS.get(operation)?.readOnly === false;
