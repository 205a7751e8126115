import { AssumeRoleCommand, type AssumeRoleCommandOutput, type STSClient } from '@aws-sdk/client-sts';
import type { Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { AwsTerms } from './aws-terms.js';
import type { Deadline } from './deadline.js';
import type { PolicyDocument } from './policy-documents.js';
import type { AwsRegion } from './regions.js';
import { RoleSession } from './role-session.js';
import { send } from './send.js';
import { stsOutcome } from './sts-outcomes.js';

const REFRESH_AFTER = 0.7;
const REFRESH_JITTER = 0.1;

export interface RoleRequest {
  roleArn: string;
  sessionName: string;
  durationSeconds: number;
  externalId?: string;
  sessionPolicy?: PolicyDocument;
}

/** Who asks, where, and until when. */
export interface RoleAsk {
  client: STSClient;
  region: AwsRegion;
  accessKeyId?: string;
  deadline: Deadline;
  trail: Trail;
}

/** One AssumeRole request. Rejects with AwsError. */
export async function assumeRole(request: RoleRequest, ask: RoleAsk, terms: AwsTerms): Promise<RoleSession> {
  const askedAt = terms.clock.now();
  const answering = send({
    service: 'sts',
    operation: 'AssumeRole',
    ...ask,
    attemptMs: terms.limits.attemptMs,
    send: (abortSignal) => ask.client.send(commandOf(request), { abortSignal }),
    outcomeOf: stsOutcome,
  });
  const answer = await terms.stsSilence.observed('sts', ask.region, answering);
  return sessionOf(answer, request, askedAt, terms);
}

function commandOf({ roleArn, sessionName, durationSeconds, externalId, sessionPolicy }: RoleRequest): AssumeRoleCommand {
  return new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: durationSeconds,
    ...(externalId !== undefined && { ExternalId: externalId }),
    ...(sessionPolicy && { Policy: JSON.stringify(sessionPolicy) }),
  });
}

function sessionOf(answer: AssumeRoleCommandOutput, request: RoleRequest, askedAt: number, terms: AwsTerms): RoleSession {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = answer.Credentials ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken) throw new AwsError('could-not-ask', { awsError: 'MalformedAnswer' });
  const lifeMs = request.durationSeconds * 1000;
  const refreshAt = askedAt + lifeMs * (REFRESH_AFTER + REFRESH_JITTER * terms.random());
  return new RoleSession({ accessKeyId, secretAccessKey, sessionToken }, askedAt + lifeMs, refreshAt);
}
