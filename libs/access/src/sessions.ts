import { createHmac, randomUUIDv7 } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import { JOINED_MEMBER_COLUMNS, type MemberRow } from './member-rows.js';
import type { AwsCaller } from './principal.js';
import type { RowMacs } from './row-macs.js';
import { newWorkspaceToken, tokenDigest } from './tokens.js';

/** Seconds from sign-in to the end, whatever happens in between. */
export const SESSION_SECONDS = { member: 8 * 60 * 60, aws: 60 * 60 } as const;
/** Seconds for which an identity that was shown counts for acts that lose or expose data. */
export const CONFIRMED_SECONDS = 15 * 60;

const INSERT: Statement = {
  name: 'session-insert',
  text: `INSERT INTO sessions (workspace_id, session_id, kind, member_id, aws, token_sha256, mac, source_address, user_agent, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10 * interval '1 second') RETURNING created_at, expires_at`,
};

/** The age of the confirmation is the database's: nodes may disagree on the time. */
const FIND: Statement = {
  name: 'session-find',
  text: `SELECT s.session_id, s.kind, s.aws, s.token_sha256, s.mac AS session_mac, s.expires_at,
      extract(epoch FROM s.expires_at - now())::float8 AS seconds_left,
      extract(epoch FROM now() - s.confirmed_at)::float8 AS seconds_confirmed,
      ${JOINED_MEMBER_COLUMNS}
    FROM sessions s LEFT JOIN members m ON m.workspace_id = s.workspace_id AND m.member_id = s.member_id
    WHERE s.workspace_id = $1 AND s.token_sha256 = $2 AND s.ended_at IS NULL AND s.expires_at > now()`,
};

const CONFIRM: Statement = {
  name: 'session-confirm',
  text: `UPDATE sessions SET confirmed_at = now() WHERE workspace_id = $1 AND session_id = $2 AND ended_at IS NULL AND expires_at > now()
    RETURNING confirmed_at`,
};

const END: Statement = {
  name: 'session-end',
  text: `UPDATE sessions SET ended_at = now() WHERE workspace_id = $1 AND session_id = $2 AND member_id = $3 AND ended_at IS NULL
    AND expires_at > now() RETURNING session_id`,
};

const END_OF_MEMBER: Statement = {
  name: 'session-end-of-member',
  text: `UPDATE sessions SET ended_at = now() WHERE workspace_id = $1 AND member_id = $2 AND ended_at IS NULL AND expires_at > now()
    AND ($3::uuid IS NULL OR session_id <> $3) RETURNING session_id`,
};

const STORED_COLUMNS = 'session_id, source_address, user_agent, created_at, confirmed_at, expires_at';

const FIND_STORED: Statement = {
  name: 'session-find-stored',
  text: `SELECT ${STORED_COLUMNS} FROM sessions
    WHERE workspace_id = $1 AND member_id = $2 AND session_id = $3 AND ended_at IS NULL AND expires_at > now()`,
};

const LIST: Statement = {
  name: 'session-list',
  text: `SELECT ${STORED_COLUMNS} FROM sessions
    WHERE workspace_id = $1 AND member_id = $2 AND ended_at IS NULL AND expires_at > now() AND ($3::uuid IS NULL OR session_id < $3)
    ORDER BY session_id DESC LIMIT $4`,
};

export type SessionOf = { kind: 'member'; memberId: string } | { kind: 'aws'; aws: AwsCaller };

export interface SessionOrder {
  workspaceId: string;
  of: SessionOf;
  sourceAddress: string;
  userAgent: string | undefined;
}

/** A new session: its token, which nobody can be told again, and the row that makes it valid. */
export interface MintedSession {
  token: string;
  sessionId: string;
  /** Answers when it ends. */
  insert(tx: Queries): Promise<{ expiresAt: Date }>;
}

export function mintSession(macs: RowMacs, { workspaceId, of, sourceAddress, userAgent }: SessionOrder): MintedSession {
  const token = newWorkspaceToken('session', workspaceId);
  const sessionId = randomUUIDv7();
  const digest = tokenDigest(token);
  const memberId = of.kind === 'member' ? of.memberId : null;
  const aws = of.kind === 'aws' ? of.aws : null;
  const mac = macs.of('session', macFields(workspaceId, { sessionId, memberId, aws, digest }));
  return {
    token,
    sessionId,
    async insert(tx) {
      const seconds = SESSION_SECONDS[of.kind];
      const values = [sessionId, of.kind, memberId, aws && JSON.stringify(aws), digest, mac, sourceAddress];
      const [row] = await tx.query<{ expires_at: Date }>(INSERT, [...values, userAgent?.slice(0, 256), seconds]);
      if (!row) throw new Error('an insert answered no row');
      return { expiresAt: row.expires_at };
    },
  };
}

interface FoundRow extends MemberRow {
  session_id: string;
  kind: 'member' | 'aws';
  aws: AwsCaller | null;
  token_sha256: Buffer;
  session_mac: Buffer;
  expires_at: Date;
  seconds_left: number;
  seconds_confirmed: number;
}

/** A session that is alive. */
export interface FoundSession {
  sessionId: string;
  of: { kind: 'member'; member: MemberRow } | { kind: 'aws'; aws: AwsCaller };
  expiresAt: Date;
  /** By the clock of the database, when it was looked up. */
  secondsLeft: number;
  secondsConfirmed: number;
}

/** Undefined when it is unknown, over, or was written by somebody else. Whether its member is active is for the caller to see. */
export async function findSession(tx: Queries, macs: RowMacs, workspaceId: string, digest: Buffer): Promise<FoundSession | undefined> {
  const [row] = await tx.query<FoundRow>(FIND, [digest]);
  if (!row) return undefined;
  const { session_id: sessionId, aws, token_sha256 } = row;
  const memberId = row.kind === 'member' ? row.member_id : null;
  if (!macs.isOurs('session', macFields(workspaceId, { sessionId, memberId, aws, digest: token_sha256 }), row.session_mac))
    return undefined;
  const times = { expiresAt: row.expires_at, secondsLeft: row.seconds_left, secondsConfirmed: row.seconds_confirmed };
  return { sessionId, of: aws ? { kind: 'aws', aws } : { kind: 'member', member: row }, ...times };
}

/** Answers when; undefined when the session is over. */
export async function confirmSession(tx: Queries, sessionId: string): Promise<Date | undefined> {
  return (await tx.query<{ confirmed_at: Date }>(CONFIRM, [sessionId]))[0]?.confirmed_at;
}

/** False when the member has no such session that is alive. */
export async function endSession(tx: Queries, memberId: string, sessionId: string): Promise<boolean> {
  return (await tx.query(END, [sessionId, memberId])).length === 1;
}

/** Answers how many. */
export async function endSessionsOf(tx: Queries, memberId: string, { except }: { except?: string } = {}): Promise<number> {
  return (await tx.query(END_OF_MEMBER, [memberId, except])).length;
}

export interface StoredSession {
  session_id: string;
  source_address: string;
  user_agent: string | null;
  created_at: Date;
  confirmed_at: Date;
  expires_at: Date;
}

/** A member's sessions that are alive, newest first, after `before`. */
export function listSessions(tx: Queries, memberId: string, limit: number, before?: string): Promise<StoredSession[]> {
  return tx.query<StoredSession>(LIST, [memberId, before, limit]);
}

/** A member's session that is alive. */
export async function findStoredSession(tx: Queries, memberId: string, sessionId: string): Promise<StoredSession | undefined> {
  return (await tx.query<StoredSession>(FIND_STORED, [memberId, sessionId]))[0];
}

/** What a browser must send besides its cookie; follows from the session's token, which no other site's page can read. */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('keyhold/csrf/1').digest('base64url');
}

interface Deciding {
  sessionId: string;
  memberId: string | null;
  aws: AwsCaller | null;
  digest: Buffer;
}

function macFields(workspaceId: string, { sessionId, memberId, aws, digest }: Deciding) {
  const caller = aws && [aws.arn, aws.account, aws.uniqueId, aws.accessKeyId, aws.audienceBound];
  return [workspaceId, sessionId, memberId, caller, digest] as const;
}
