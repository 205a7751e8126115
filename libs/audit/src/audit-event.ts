import type { EventType } from './event-types.js';

/** A request to AWS as the trail keeps it; `requestId` joins with the customer's CloudTrail. */
export interface AuditedCall {
  service: string;
  operation: string;
  region: string;
  outcome: string;
  requestId?: string;
  awsError?: string;
  accessKeyId?: string;
}

/** One thing that happened. Never carries plaintext or key bytes; who did it is taken from the context. */
export interface AuditEvent {
  type: EventType;
  boxId?: string | undefined;
  vaultId?: string;
  itemId?: string;
  itemVersion?: number;
  /** The requests to AWS that this act needed, in order; the last one decided. */
  calls?: readonly AuditedCall[];
  /** The answer of KMS that allowed this act when it made no request itself. */
  provedBy?: AuditedCall | undefined;
  /** Facts of this type of event: cause, before and after, the caller's own context string. */
  details?: Readonly<Record<string, unknown>>;
}

export interface AuditEventView {
  id: string;
  /** RFC 3339, by the clock of the database. */
  at: string;
  type: EventType;
  principal: { kind: string; role: string; id: string; name: string };
  /** Of people and AWS identities: their session, and who AWS said they are. */
  caller: Readonly<Record<string, unknown>> | null;
  requestId: string;
  sourceAddress: string;
  boxId: string | null;
  vaultId: string | null;
  itemId: string | null;
  itemVersion: number | null;
  /** Region and KMS request id of the call that decided, also when it was an earlier one; null where no KMS is involved. */
  region: string | null;
  kmsRequestId: string | null;
  calls: readonly AuditedCall[];
  details: Readonly<Record<string, unknown>>;
}
