import { recordApiCall } from '../cloudtrail/record-event.js';
import { type Credential } from '../iam/caller.js';
import { type AwsQueryError } from '../wire/aws-query.js';
import { type AssumeRoleInput } from './assume-role-input.js';
import { type StsCall } from './sts-call.js';

export function recordAssumeRole(call: StsCall, input: AssumeRoleInput, end: { credential: Credential } | { error: AwsQueryError }): void {
  const ownerAccountId = input.roleArn.split(':')[4] ?? '';
  recordApiCall(call.trail, {
    facts: call,
    caller: call.caller,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    eventVersion: '1.08',
    readOnly: true,
    requestParameters: requestParameters(input),
    responseElements: 'credential' in end ? responseElements(end.credential) : null,
    resources: ownerAccountId === '' ? [] : [{ accountId: ownerAccountId, type: 'AWS::IAM::Role', ARN: input.roleArn }],
    ...('error' in end && { refusal: { code: end.error.code, message: end.error.message } }),
    ownerAccountId,
  });
}

function requestParameters({ roleArn, roleSessionName, externalId, durationSeconds, policy, sourceIdentity }: AssumeRoleInput) {
  return { roleArn, roleSessionName, externalId, durationSeconds, policy, sourceIdentity };
}

/** Everything but the secret key. */
function responseElements({ accessKeyId, sessionToken, expiresAt, caller }: Credential) {
  return {
    credentials: { accessKeyId, sessionToken, expiration: americanTime(expiresAt ?? 0) },
    assumedRoleUser: { assumedRoleId: caller.userId, arn: caller.arn },
    ...(caller.kind === 'session' && { sourceIdentity: caller.sourceIdentity }),
  };
}

const AMERICAN = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** `Jan 1, 2026, 1:00:00 AM`; newer ICU data puts a narrow space before AM. */
const americanTime = (ms: number): string => AMERICAN.format(ms).replace(/\u202f/g, ' ');
