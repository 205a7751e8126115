import type { Act, ActWorld } from './acts.js';
import type { Workspace } from './service.js';
import { type SetupLink, VALUES, aProposal, aSetupLink } from './setup-link.js';

const write = (operationId: string, prepare: Act['prepare'], by?: Act['by']): Act => ({
  name: operationId,
  operationId,
  isWrite: true,
  ...(by && { by }),
  prepare,
});

/** One of each workspace: an act of another link is another act. */
const links = new WeakMap<Workspace, Promise<SetupLink>>();
function theLink({ keyhold, workspace }: ActWorld): Promise<SetupLink> {
  const known = links.get(workspace) ?? aSetupLink(keyhold, workspace);
  links.set(workspace, known);
  return known;
}

/** What brings a customer's key here. */
export const ACTS_OF_ONBOARDING: readonly Act[] = [
  write('createSetupLink', async (world) => {
    await endLinks(world);
    return (headers) => world.workspace.call('POST', '/aws-setup/links', { name: 'AWS team' }, headers);
  }),
  write('revokeSetupLink', async ({ keyhold, workspace }) => {
    const { linkId } = await aSetupLink(keyhold, workspace);
    return (headers) => workspace.call('DELETE', `/aws-setup/links/${linkId}`, undefined, headers);
  }),
  write(
    'proposeKey',
    async (world) => {
      const link = await theLink(world);
      await discardProposals(world, link);
      return (headers) => link.call('POST', '/proposals', VALUES, headers);
    },
    'setup_link',
  ),
  write('discardSetupProposal', async ({ keyhold, workspace }) => {
    const proposalId = await aProposal(keyhold, workspace);
    return (headers) => workspace.call('DELETE', `/aws-setup/proposals/${proposalId}`, undefined, headers);
  }),
];

/** One link keeps only some. */
async function discardProposals({ keyhold }: ActWorld, { linkId }: SetupLink): Promise<void> {
  await keyhold.database.asAdmin(`DELETE FROM setup_proposals WHERE link_id = $1`, [linkId]);
}

/** There may be as many as a workspace can have; the one that all acts share stays. */
async function endLinks({ keyhold, workspace }: ActWorld): Promise<void> {
  const { linkId } = (await links.get(workspace)) ?? { linkId: undefined };
  await keyhold.database.asAdmin(
    `UPDATE setup_links SET revoked_at = now() WHERE workspace_id = $1 AND revoked_at IS NULL AND link_id IS DISTINCT FROM $2::uuid`,
    [workspace.id, linkId],
  );
}
