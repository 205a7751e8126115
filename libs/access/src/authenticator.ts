import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Queries } from '#audit';
import { type Action, ROLES, type Role } from './actions.js';
import type { Principal } from './request-context.js';
import type { TokenMacs } from './token-macs.js';
import { findToken } from './token-store.js';
import { claimedBy, tokenDigest } from './tokens.js';

export interface Authenticated {
  principal: Principal;
  /** Undefined for the operator, who belongs to no workspace. */
  workspaceId: string | undefined;
  actions: ReadonlySet<Action>;
}

/** Reads inside one workspace. */
export interface WorkspaceReader {
  read<Result>(ctx: { workspaceId: string }, work: (tx: Queries) => Promise<Result>): Promise<Result>;
}

/** A revoked token stops within this time on every node. */
const KNOWN_FOR_MS = 5_000;
const OPERATOR: Authenticated = {
  principal: { kind: 'token', role: 'operator', id: 'operator', name: 'Operator' },
  workspaceId: undefined,
  actions: new Set(ROLES.operator),
};

/** Credential to principal. Whatever is not known is undefined, with no hint why. */
export class Authenticator {
  readonly #known = new LRUCache<string, Authenticated>({ max: 10_000, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly database: WorkspaceReader,
    private readonly macs: TokenMacs,
    /** SHA-256 of the operator's token. */
    private readonly operatorDigest: Buffer,
  ) {}

  async authenticate(token: string): Promise<Authenticated | undefined> {
    const claimed = claimedBy(token);
    if (claimed === undefined) return undefined;
    const digest = tokenDigest(token);
    if (claimed === 'operator') return timingSafeEqual(digest, this.operatorDigest) ? OPERATOR : undefined;
    const cacheKey = digest.toString('base64');
    const known = this.#known.get(cacheKey) ?? (await this.#find(claimed.workspaceId, digest));
    if (known && !this.#known.has(cacheKey)) this.#known.set(cacheKey, known);
    return known;
  }

  async #find(workspaceId: string, digest: Buffer): Promise<Authenticated | undefined> {
    const row = await this.database.read({ workspaceId }, (tx) => findToken(tx, digest));
    if (!row || !isRole(row.role)) return undefined;
    if (!this.macs.isOurs({ workspaceId, tokenId: row.token_id, role: row.role, digest }, row.mac)) return undefined;
    return {
      principal: { kind: 'token', role: row.role, id: row.token_id, name: row.name },
      workspaceId,
      actions: new Set(ROLES[row.role]),
    };
  }
}

function isRole(text: string): text is Role {
  return Object.hasOwn(ROLES, text);
}
