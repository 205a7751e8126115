import { randomUUID } from 'node:crypto';
import { type MemberRole, MemberRows } from '#access';
import { aMember, macsOf, queriesOf, theOwner } from '../../harness/principals.js';
import type { Principal } from '../principals.js';
import { type Outcome, type Place, type Row, cursor, inBody, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';
import { type Act, may } from '../who-may.js';

const W = '/v1/workspaces/:workspaceId';
const memberId: Place = inPath('member', 'member_not_found');
const anotherMember = async (tenant: Tenant) => ({ memberId: await tenant.another('member') });
const manage = { act: 'member:manage', confirmed: true } as const;

/** Whoever gets in as somebody else must not gain by it: a key invites only to what it has itself. */
const A_USER_MAY: readonly Act[] = (['workspace:read', 'vault:read'] as const).filter((act) => may('user', act));
const beyondOwnRights = ({ scopes }: Principal): Outcome | undefined =>
  scopes && !A_USER_MAY.every((act) => scopes.includes(act)) ? problem(403, 'beyond_own_rights') : undefined;

/** The first Owner is the Owner again, and whoever was it an Admin. */
export async function crownAgain({ keyhold, workspace }: Tenant): Promise<void> {
  const [rows, tx] = [new MemberRows(macsOf(keyhold)), queriesOf(keyhold, workspace.id)];
  const become = async (id: string, role: MemberRole) => {
    const member = await rows.find(tx, workspace.id, id);
    if (!member) throw new Error('there is no such member');
    await rows.update(tx, workspace.id, { ...member, role });
  };
  await become((await theOwner(keyhold, workspace)).memberId, 'admin');
  await become(workspace.ownerInvitation.memberId, 'owner');
}

export const MEMBERS: readonly Row[] = [
  {
    route: `POST ${W}/members`,
    needs: manage,
    places: {},
    body: () => ({ email: `${randomUUID()}@acme.example`, role: 'user' }),
    refused: beyondOwnRights,
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${W}/members`, needs: { act: 'member:read' }, places: { cursor: cursor('cursor of members') }, succeeds: { status: 200 } },
  { route: `GET ${W}/members/:memberId`, needs: { act: 'member:read' }, places: { memberId }, succeeds: { status: 200 } },
  {
    route: `PATCH ${W}/members/:memberId`,
    needs: manage,
    places: { memberId },
    body: () => ({ name: 'Another name' }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${W}/members/:memberId`,
    needs: manage,
    places: { memberId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: anotherMember,
  },
  {
    route: `POST ${W}/members/:memberId/invitation`,
    needs: manage,
    places: { memberId },
    refused: beyondOwnRights,
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  {
    route: `POST ${W}/members/:memberId/reset`,
    needs: { act: 'member:reset', confirmed: true },
    places: { memberId },
    succeeds: { status: 201 },
    uses: async ({ keyhold, workspace }) => ({ memberId: (await aMember(keyhold, workspace, 'user')).memberId }),
  },
  {
    route: `PUT ${W}/owner`,
    needs: { act: 'owner:transfer', confirmed: true },
    places: { memberId: inBody('active member', problem(404, 'member_not_found')) },
    body: (ids) => ({ memberId: ids['memberId'] }),
    succeeds: { status: 200 },
    undo: crownAgain,
  },
];
