import type { StoredSession } from '#access';
import type { ListedSessionView } from './sessions.dto.js';

export function sessionTimes({ created_at, confirmed_at, expires_at }: StoredSession) {
  return { createdAt: created_at.toISOString(), confirmedAt: confirmed_at.toISOString(), expiresAt: expires_at.toISOString() };
}

export function listedSession(session: StoredSession, currentId: string): ListedSessionView {
  const { session_id: id, source_address: sourceAddress, user_agent: userAgent } = session;
  return { id, isCurrent: id === currentId, sourceAddress, userAgent, ...sessionTimes(session) };
}
