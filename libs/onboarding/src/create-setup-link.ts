import { type MintedSetupLink, type RequestContext, type RowMacs, mintSetupLink } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import { OnboardingError } from './onboarding-error.js';
import { countActiveSetupLinks, findSetupLink } from './setup-link-store.js';
import { type SetupLinkView, setupLinkView } from './setup-link-view.js';

/** Links of a workspace that can be used at the same time. */
const ACTIVE_MAX = 10;
const HOUR_MS = 60 * 60 * 1000;

export interface SetupLinkRequest {
  name: string;
  validForHours: number;
  showsWorkspaceName: boolean;
}

export interface CreatedSetupLink {
  link: SetupLinkView;
  /** Told this once; only its digest is kept. */
  url: string;
}

/** Makes a link that shows somebody without an account what an AWS administrator needs, and takes back what comes of it. */
export class CreateSetupLink {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    /** Where its page is. */
    private readonly pageUrl: string,
  ) {}

  /** Throws `setup_link_quota_reached`. */
  run(ctx: RequestContext, { validForHours, ...request }: SetupLinkRequest): Promise<CreatedSetupLink> {
    const expiresAt = new Date(Date.now() + validForHours * HOUR_MS);
    const minted = mintSetupLink(this.macs, { ...request, workspaceId: ctx.workspaceId, expiresAt, createdBy: ctx.principal.id });
    return this.database.act(ctx, async (tx) => {
      if ((await countActiveSetupLinks(tx)) >= ACTIVE_MAX) throw new OnboardingError('setup_link_quota_reached');
      await minted.insert(tx);
      const details = { linkId: minted.linkId, ...request, expiresAt: expiresAt.toISOString() };
      return { result: await this.#created(tx, minted), event: { type: 'aws_setup_link.created', details } };
    });
  }

  /** Behind `#`: what stands there is never sent to a server, and so in no access log. */
  async #created(tx: Queries, { linkId, token }: MintedSetupLink): Promise<CreatedSetupLink> {
    const row = await findSetupLink(tx, linkId);
    if (!row) throw new Error('a link is gone in the transaction that made it');
    return { link: setupLinkView(row), url: `${this.pageUrl}#${token}` };
  }
}
