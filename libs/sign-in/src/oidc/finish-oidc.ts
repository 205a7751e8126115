import { timingSafeEqual } from 'node:crypto';
import { type Authenticator, type MemberRow, NOWHERE, type RequestContext, type RowMacs, confirmSession } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import type { SignInLimiter } from '#limits';
import { asCountedTry } from '../counted-try.js';
import { type SignInSource, type SignedInMember, newMemberSession } from '../member-session.js';
import type { OidcAnswers } from './oidc-answers.js';
import type { OidcFlow, OidcFlows, SessionToConfirm } from './oidc-flows.js';
import type { OidcIdentity } from './oidc-identity.js';
import type { OidcMembers } from './oidc-members.js';
import { OidcRefusal } from './oidc-refusal.js';
import { recordRefusedSignIn } from '../refused-sign-in.js';
import { SignInError } from '../sign-in-error.js';

/** What a browser brings back from a provider. */
export interface OidcReturn {
  /** Whose redirect URI it came to. */
  providerId: string;
  /** The query, with `?` or without. */
  search: string;
  /** What it was given when it left; undefined when it brings nothing. */
  sealedFlow: string | undefined;
}

export interface FinishedOidc {
  returnTo: string;
  /** Undefined when somebody who was signed in showed again who they are. */
  signedIn: SignedInMember | undefined;
}

/** Lets in, or confirms, who comes back from an identity provider. */
export class FinishOidc {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    private readonly flows: OidcFlows,
    private readonly answers: OidcAnswers,
    private readonly members: OidcMembers,
    private readonly limiter: SignInLimiter,
    private readonly authenticator: Authenticator,
  ) {}

  /**
   * Throws `sign_in_not_begun` when it was not this browser that left, `sign_in_refused`, after it was put on record;
   * OidcCallError when the provider cannot be asked; LimitError.
   */
  async run(source: SignInSource, back: OidcReturn): Promise<FinishedOidc> {
    const flow = this.#flowOf(back);
    const { workspaceId, returnTo, confirms } = flow;
    const tried = { door: 'oidc-sign-in' as const, workspaceId, sourceAddress: source.sourceAddress };
    return asCountedTry(this.limiter, tried, async () => {
      try {
        const identity = await this.answers.identify(flow, back.search);
        if (confirms) await this.#confirm(source, flow, confirms, identity);
        return { returnTo, signedIn: confirms ? undefined : await this.#signIn(source, flow, identity) };
      } catch (error) {
        if (error instanceof OidcRefusal) await this.#record(source, flow, error);
        throw error instanceof OidcRefusal ? new SignInError('sign_in_refused', { cause: error }) : error;
      }
    });
  }

  /** An answer counts only where it was asked for: in this browser, of this provider, in this flow. */
  #flowOf({ providerId, search, sealedFlow }: OidcReturn): OidcFlow {
    const flow = sealedFlow === undefined ? undefined : this.flows.open(sealedFlow);
    const isAsked = flow?.providerId === providerId && isSame(new URLSearchParams(search).get('state') ?? '', flow.state);
    if (!isAsked) throw new SignInError('sign_in_not_begun');
    return flow;
  }

  async #signIn(source: SignInSource, { workspaceId, providerId }: OidcFlow, identity: OidcIdentity): Promise<SignedInMember> {
    const found = await this.database.read({ workspaceId }, (tx) => this.members.find(tx, workspaceId, providerId, identity));
    const { ctx, open } = newMemberSession(this.macs, workspaceId, found, source);
    return this.database.act(ctx, async (tx) => {
      const { events } = await this.members.admit(tx, workspaceId, providerId, identity, found.member_id);
      const details = { method: 'oidc', providerId, subject: identity.subject };
      const event: [AuditEvent, ...AuditEvent[]] = [{ type: 'sign_in.succeeded', details }, ...events];
      return { result: await open(tx), event };
    });
  }

  async #confirm(source: SignInSource, flow: OidcFlow, confirms: SessionToConfirm, identity: OidcIdentity): Promise<void> {
    const { workspaceId, providerId } = flow;
    const { subject } = identity;
    const member = await this.database.read(flow, (tx) => this.members.findKnown(tx, workspaceId, providerId, identity));
    if (member.member_id !== confirms.memberId) throw new OidcRefusal('another_person', { subject });
    await this.database.act(contextOf(flow, member, confirms, source), async (tx) => {
      if (!(await confirmSession(tx, confirms.sessionId))) throw new OidcRefusal('session_over', { subject });
      const confirmed: AuditEvent = { type: 'session.confirmed', details: { method: 'oidc', providerId, subject } };
      const event: [AuditEvent, ...AuditEvent[]] = [
        confirmed,
        ...(await this.members.groupEvents(tx, workspaceId, providerId, member, identity)),
      ];
      return { result: null, event };
    });
    this.authenticator.forgetDigest(Buffer.from(confirms.tokenDigest, 'base64'));
  }

  #record(source: SignInSource, { workspaceId, providerId }: OidcFlow, { reason, facts }: OidcRefusal): Promise<void> {
    const { subject, email: account } = facts;
    const said = { providerId, ...(subject !== undefined && { subject }) };
    return recordRefusedSignIn(this.database, {
      workspaceId,
      source,
      method: 'oidc',
      reason,
      said,
      ...(account !== undefined && { account }),
    });
  }
}

/** The member under the session that they have, for the record of its confirmation. */
function contextOf({ workspaceId }: OidcFlow, member: MemberRow, { sessionId }: SessionToConfirm, source: SignInSource): RequestContext {
  const { member_id: id, role, name, email } = member;
  const { requestId, sourceAddress } = source;
  const principal = { kind: 'member' as const, role, id, name, email, sessionId };
  return { principal, workspaceId, actions: new Set(), reach: NOWHERE, requestId, sourceAddress };
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
