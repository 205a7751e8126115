import { nobody, type RequestSource } from '#access';
import type { SignedProof } from '#aws';
import type { AuditEvent } from '#audit';
import { type Database, isForeignKeyViolation } from '#database';
import type { AwsRefusal } from './aws-refusal.js';
import { masked } from './prove-aws-caller.js';

export interface RefusedTry {
  workspaceId: string;
  source: RequestSource;
  /** Undefined when what came was none. */
  proof: SignedProof | undefined;
  details: Readonly<Record<string, unknown>>;
}

/** Puts on record who was refused, as far as that is known. Of a workspace that is not there nothing is kept. */
export async function recordAwsRefusal(database: Database, tried: RefusedTry, refusal: AwsRefusal): Promise<void> {
  const ctx = nobody(tried.workspaceId, tried.source, arnOf(refusal));
  try {
    await database.act(ctx, () => ({ result: null, event: eventOf(tried, refusal) }));
  } catch (error) {
    if (!isForeignKeyViolation(error, 'audit_events_workspace_id_fkey')) throw error;
  }
}

/** Neither signature nor token: they are not in anything that arrives here. */
function eventOf({ proof, details }: RefusedTry, refusal: AwsRefusal): AuditEvent {
  const { reason, found } = refusal;
  const claimed = proof && { region: proof.region, accessKeyId: masked(proof.accessKeyId), audienceBound: proof.audienceIsSigned };
  const told = { ...(arnOf(refusal) !== undefined && { arn: arnOf(refusal) }), ...found.caller };
  const { awsError, stsRequestId } = found.cause?.facts ?? {};
  const ofAws = { ...(awsError !== undefined && { awsError }), ...(stsRequestId !== undefined && { stsRequestId }) };
  return {
    type: 'sign_in.refused',
    ...(found.call && { calls: [found.call] }),
    details: { method: 'aws', reason, ...details, ...claimed, ...told, ...ofAws },
  };
}

const arnOf = ({ found }: AwsRefusal): string | undefined => found.caller?.arn ?? found.arn;
