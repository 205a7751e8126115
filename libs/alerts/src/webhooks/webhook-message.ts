import { Webhook } from 'standardwebhooks';
import type { AuditEventView } from '#audit';

/** What a receiver gets: the same bytes at each attempt. */
export function messageOf(workspaceId: string, event: AuditEventView): string {
  const { principal, vaultId, itemId, region, kmsRequestId, details } = event;
  return JSON.stringify({
    envelope_version: 1,
    event_id: event.id,
    event_type: event.type,
    occurred_at: event.at,
    workspace_id: workspaceId,
    data: {
      actor: { kind: principal.kind, id: principal.id, name: principal.name },
      vault_id: vaultId,
      item_id: itemId,
      region: region ?? textOf(details['region']),
      aws_request_id: kmsRequestId ?? textOf(details['awsRequestId']),
      details,
    },
    error: errorOf(details),
  });
}

/** What AWS, or whoever was asked, said no with; null when all is well. */
function errorOf({ cause, awsError, awsRequestId, region }: AuditEventView['details']) {
  if (typeof cause !== 'string') return null;
  return { cause, aws_error: textOf(awsError), aws_request_id: textOf(awsRequestId), region: textOf(region) };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/**
 * The headers of Standard Webhooks for one attempt: an id that every attempt has, when it is made, and a signature over both and
 * the body under each of `secrets`.
 */
export function signedHeaders(id: string, at: Date, body: string, secrets: readonly string[]): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
