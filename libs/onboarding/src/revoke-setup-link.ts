import type { RequestContext } from '#access';
import type { Database } from '#database';
import { OnboardingError } from './onboarding-error.js';
import { findSetupLink, revokeSetupLink } from './setup-link-store.js';

/** Ends a link for good, within 5 seconds on every node; nothing comes through it from then on. */
export class RevokeSetupLink {
  constructor(private readonly database: Database) {}

  /** Throws `setup_link_not_found`. Nothing happens when it is revoked already. */
  async run(ctx: RequestContext, linkId: string): Promise<void> {
    const before = await this.database.read(ctx, (tx) => findSetupLink(tx, linkId));
    if (!before) throw new OnboardingError('setup_link_not_found');
    if (before.status === 'revoked') return;
    await this.database.act(ctx, async (tx) => {
      await revokeSetupLink(tx, linkId);
      return { result: null, event: { type: 'aws_setup_link.revoked', details: { linkId, name: before.name, before: before.status } } };
    });
  }
}
