import { VALUES } from '../../harness/setup-link.js';
import { type Place, type Row, cursor, inPath } from '../row.js';
import type { Tenant } from '../tenant.js';

const S = '/v1/workspaces/:workspaceId/aws-setup';
const needs = { act: 'vault:create' } as const;
const linkId: Place = { ...inPath('setup link', 'setup_link_not_found'), deleted: { status: 200 } }; // revoked, and still to be seen
const LINK_NAME = 'Made by asking';

/** There may be few at a time. */
const endLinks = ({ keyhold, workspace }: Tenant): Promise<unknown> =>
  keyhold.database.asAdmin(`UPDATE setup_links SET revoked_at = now() WHERE workspace_id = $1 AND name = $2 AND revoked_at IS NULL`, [
    workspace.id,
    LINK_NAME,
  ]);

export const AWS_SETUP: readonly Row[] = [
  { route: `GET ${S}`, needs: { act: 'workspace:read' }, places: {}, succeeds: { status: 200 } },
  { route: `GET ${S}/:file`, needs: { act: 'workspace:read' }, places: {}, words: { file: 'terraform' }, succeeds: { status: 200 } },
  {
    route: `POST ${S}/links`,
    needs,
    places: {},
    body: () => ({ name: LINK_NAME }),
    succeeds: { status: 201 },
    isIdempotent: true,
    undo: endLinks,
  },
  { route: `GET ${S}/links`, needs, places: { cursor: cursor('cursor of setup links') }, succeeds: { status: 200 } },
  { route: `GET ${S}/links/:linkId`, needs, places: { linkId }, succeeds: { status: 200 } },
  {
    route: `DELETE ${S}/links/:linkId`,
    needs,
    places: { linkId: { ...linkId, deleted: { status: 204 } } },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: async (tenant) => ({ linkId: await tenant.another('setup link') }),
  },
  { route: `GET ${S}/proposals`, needs, places: { cursor: cursor('cursor of setup proposals') }, succeeds: { status: 200 } },
  {
    route: `DELETE ${S}/proposals/:proposalId`,
    needs,
    places: { proposalId: inPath('setup proposal', 'setup_proposal_not_found') },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: async (tenant) => ({ proposalId: await tenant.another('setup proposal') }),
  },
  // no workspace is named: the link is of one
  { route: 'GET /v1/aws-setup', needs: { act: 'aws_setup:answer' }, places: {}, succeeds: { status: 200 } },
  {
    route: 'POST /v1/aws-setup/proposals',
    needs: { act: 'aws_setup:answer' },
    places: {},
    body: () => VALUES,
    succeeds: { status: 201 },
    isIdempotent: true,
  },
];
