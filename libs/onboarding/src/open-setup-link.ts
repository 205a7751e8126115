import { AccessError, type RequestContext } from '#access';
import type { Database } from '#database';
import { workspaceName } from '#workspaces';
import { PROPOSALS_MAX } from './propose-key.js';
import { findSetupLink } from './setup-link-store.js';

export interface OpenedSetupLink {
  /** Null when whoever made the link did not want it told. */
  workspaceName: string | null;
  expiresAt: string;
  /** How many more values can be sent through it. */
  proposalsLeft: number;
}

/** What the holder of a link is told about it. Nobody is named. */
export class OpenSetupLink {
  constructor(private readonly database: Database) {}

  /** Throws `unauthenticated` when the link has ended since its token was looked up. */
  async run(ctx: RequestContext): Promise<OpenedSetupLink> {
    const [link, name] = await this.database.read(ctx, (tx) => ({
      result: Promise.all([findSetupLink(tx, ctx.principal.id), workspaceName(tx)]),
    }));
    if (link?.status !== 'active') throw new AccessError('unauthenticated');
    return {
      workspaceName: (link.shows_workspace_name && name) || null,
      expiresAt: link.expires_at.toISOString(),
      proposalsLeft: Math.max(0, PROPOSALS_MAX - link.proposals),
    };
  }
}
