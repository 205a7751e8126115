import { randomUUID } from 'node:crypto';
import { NOT_VALID, type Place, type Row, cursor, inPath } from '../row.js';
import type { Tenant } from '../tenant.js';

const G = '/v1/workspaces/:workspaceId/groups';
const groupId: Place = inPath('group', 'group_not_found');
const memberId: Place = inPath('member', 'member_not_found');
const manage = { act: 'group:manage', confirmed: true } as const;
const anotherGroup = async (tenant: Tenant) => ({ groupId: await tenant.another('group') });

export const GROUPS: readonly Row[] = [
  {
    route: `POST ${G}`,
    needs: { act: 'group:manage' },
    places: {},
    body: () => ({ name: `Group ${randomUUID()}` }),
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  {
    route: `POST ${G}`,
    needs: { act: 'group:manage' },
    places: { providerId: { ...inPath('provider', 'identity_provider_not_found'), in: 'body', malformed: NOT_VALID } },
    body: ({ providerId }) => ({ name: `Group ${randomUUID()}`, providerId, claimValue: randomUUID() }),
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${G}`, needs: { act: 'member:read' }, places: { cursor: cursor('cursor of groups') }, succeeds: { status: 200 } },
  { route: `GET ${G}/:groupId`, needs: { act: 'member:read' }, places: { groupId }, succeeds: { status: 200 } },
  {
    route: `DELETE ${G}/:groupId`,
    needs: manage,
    places: { groupId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: anotherGroup,
  },
  {
    route: `GET ${G}/:groupId/members`,
    needs: { act: 'member:read' },
    places: { groupId, cursor: cursor('cursor of group members') },
    succeeds: { status: 200 },
  },
  {
    route: `PUT ${G}/:groupId/members/:memberId`,
    needs: manage,
    places: { groupId, memberId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: anotherGroup,
  },
  {
    route: `DELETE ${G}/:groupId/members/:memberId`,
    needs: manage,
    places: { groupId, memberId },
    succeeds: { status: 204 },
    isIdempotent: true,
    async uses(tenant) {
      const group = await anotherGroup(tenant);
      await tenant.workspace.call('PUT', `/groups/${group.groupId}/members/${tenant.ids.member}`);
      return group;
    },
  },
];
