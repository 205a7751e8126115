import type { AuditEventView } from '#audit';
import type { Answer, Client } from './client.js';

/** Which events: those for which all that is named holds. */
export type WhichEvents = Partial<Record<'type' | 'requestId' | 'vaultId' | 'boxId', string>>;

/** What the trail shows to whoever asks, newest first: a hundred at most. Throws when it shows nothing to them. */
export async function eventsOf(call: Client, which: WhichEvents): Promise<AuditEventView[]> {
  const { status, body, text } = await call('GET', `/audit-events?${new URLSearchParams({ limit: '100', ...which }).toString()}`);
  if (status !== 200) throw new Error(`reading the trail: ${status} ${text}`);
  return body.data as AuditEventView[];
}

/** Those of the request that was answered so. */
export const eventsOfAnswer = (call: Client, { headers }: Answer): Promise<AuditEventView[]> =>
  eventsOf(call, { requestId: headers.get('x-request-id') ?? '' });
