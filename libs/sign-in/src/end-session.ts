import { type RequestContext, endSession } from '#access';
import type { Database } from '#database';
import { callingMember } from './calling-member.js';
import { SignInError } from './sign-in-error.js';

/** Ends one of the caller's own sessions, the one they come with or another. */
export class EndSession {
  constructor(private readonly database: Database) {}

  /** Throws `session_not_found`. */
  run(ctx: RequestContext, sessionId: string): Promise<null> {
    const me = callingMember(ctx);
    const cause = sessionId === me.sessionId ? 'signed_out' : 'ended_by_member';
    return this.database.act(ctx, async (tx) => {
      if (!(await endSession(tx, me.id, sessionId))) throw new SignInError('session_not_found');
      return { result: null, event: { type: 'session.ended', details: { endedSessionId: sessionId, cause } } };
    });
  }
}
