import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Queries } from '#audit';
import { type Action, ROLES } from './actions.js';
import { type ApiKey, findApiKey } from './api-keys.js';
import type { MemberRow, MemberRows } from './member-rows.js';
import { type AwsCaller, OPERATOR, type Principal } from './principal.js';
import { type BoxReach, NOWHERE } from './request-context.js';
import type { RowMacs } from './row-macs.js';
import { CONFIRMED_SECONDS, type FoundSession, findSession } from './sessions.js';
import { standingOfAws, standingOfKey, standingOfMember } from './standing.js';
import { type SetupLink, findSetupLink } from './setup-links.js';
import { claimedBy, tokenDigest } from './tokens.js';

export interface Authenticated {
  principal: Principal;
  /** Undefined for the operator, who belongs to no workspace. */
  workspaceId: string | undefined;
  actions: ReadonlySet<Action>;
  reach: BoxReach;
  /** Whether a person showed a short time ago who they are; always true of machines. */
  isConfirmed: boolean;
}

/** Reads inside one workspace. */
export interface WorkspaceReader {
  read<Result>(ctx: { workspaceId: string }, work: (tx: Queries) => Promise<Result>): Promise<Result>;
}

/** What was revoked, ended or suspended stops within this time on every node. */
const KNOWN_FOR_MS = 5_000;

const BY_OPERATOR: Authenticated = {
  principal: OPERATOR,
  workspaceId: undefined,
  actions: new Set(ROLES.operator),
  reach: NOWHERE,
  isConfirmed: true,
};

/** A caller, and when by this node's clock it stops being one, or being confirmed. */
interface Known {
  caller: Authenticated;
  endsAt: number;
  confirmedUntil: number;
}

/** Credential to principal. Whatever is not known is undefined, with no hint why. */
export class Authenticator {
  readonly #known: LRUCache<string, Known>;

  constructor(
    private readonly database: WorkspaceReader,
    private readonly macs: RowMacs,
    private readonly members: MemberRows,
    /** SHA-256 of the operator's token. */
    private readonly operatorDigest: Buffer,
    /** By whose clock it is remembered for so long. */
    clock: { now(): number } = performance,
  ) {
    this.#known = new LRUCache({ max: 10_000, ttl: KNOWN_FOR_MS, ttlResolution: 0, perf: clock });
  }

  async authenticate(token: string): Promise<Authenticated | undefined> {
    const claimed = claimedBy(token);
    if (!claimed) return undefined;
    const digest = tokenDigest(token);
    if (claimed.kind === 'invitation') return undefined;
    if (claimed.kind === 'operator') return timingSafeEqual(digest, this.operatorDigest) ? BY_OPERATOR : undefined;
    const cacheKey = digest.toString('base64');
    const cached = this.#known.get(cacheKey);
    const known = cached ?? (await this.#find(claimed.kind, claimed.workspaceId, digest));
    if (!known || known.endsAt <= Date.now()) return undefined;
    if (!cached) this.#known.set(cacheKey, known);
    return { ...known.caller, isConfirmed: known.confirmedUntil > Date.now() };
  }

  /** What this node remembers of a token is looked up again: after a change that the caller must see at once. */
  forget(token: string): void {
    this.forgetDigest(tokenDigest(token));
  }

  /** The same for who knows the token's SHA-256 alone. */
  forgetDigest(digest: Buffer): void {
    this.#known.delete(digest.toString('base64'));
  }

  #find(kind: 'api_key' | 'session' | 'setup_link', workspaceId: string, digest: Buffer): Promise<Known | undefined> {
    return this.database.read({ workspaceId }, async (tx) => {
      if (kind === 'session') return this.#bySession(workspaceId, await findSession(tx, this.macs, workspaceId, digest));
      if (kind === 'setup_link') {
        const link = await findSetupLink(tx, this.macs, workspaceId, digest);
        return link && bySetupLink(workspaceId, link);
      }
      const key = await findApiKey(tx, this.macs, workspaceId, digest);
      return key && byApiKey(workspaceId, key);
    });
  }

  #bySession(workspaceId: string, session: FoundSession | undefined): Known | undefined {
    if (!session) return undefined;
    const endsAt = Date.now() + session.secondsLeft * 1000;
    const confirmedUntil = Date.now() + (CONFIRMED_SECONDS - session.secondsConfirmed) * 1000;
    if (session.of.kind === 'aws') return { caller: byAws(workspaceId, session.sessionId, session.of.aws), endsAt, confirmedUntil: endsAt };
    const { member } = session.of;
    if (member.status !== 'active' || !this.members.isGenuine(workspaceId, member)) return undefined;
    return { caller: byMember(workspaceId, session.sessionId, member), endsAt, confirmedUntil };
  }
}

function byApiKey(workspaceId: string, key: ApiKey): Known {
  const { apiKeyId, name, expiresAt } = key;
  const endsAt = expiresAt?.getTime() ?? Infinity;
  return {
    endsAt,
    confirmedUntil: endsAt,
    caller: {
      principal: { kind: 'api_key', role: 'api_key', id: apiKeyId, name },
      ...standingOfKey(workspaceId, key),
      isConfirmed: true,
    },
  };
}

function bySetupLink(workspaceId: string, { linkId, name, secondsLeft }: SetupLink): Known {
  const endsAt = Date.now() + secondsLeft * 1000;
  return {
    endsAt,
    confirmedUntil: endsAt,
    caller: {
      principal: { kind: 'setup_link', role: 'setup_link', id: linkId, name },
      workspaceId,
      actions: new Set(['aws_setup:answer']),
      reach: NOWHERE,
      isConfirmed: true,
    },
  };
}

function byMember(workspaceId: string, sessionId: string, { member_id: memberId, role, name, email }: MemberRow): Authenticated {
  return {
    principal: { kind: 'member', role, id: memberId, name, email, sessionId },
    ...standingOfMember(workspaceId, { memberId, role }),
    isConfirmed: false,
  };
}

function byAws(workspaceId: string, sessionId: string, aws: AwsCaller): Authenticated {
  return {
    principal: { kind: 'aws', role: 'aws', id: aws.arn, name: aws.arn, sessionId, aws },
    ...standingOfAws(workspaceId, aws),
    isConfirmed: true,
  };
}
