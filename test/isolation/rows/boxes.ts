import { randomUUID } from 'node:crypto';
import { type Principal, handsOutEveryBox } from '../principals.js';
import { EMPTY, type Outcome, type Place, type Row, cursor, inBody, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const B = '/v1/workspaces/:workspaceId/boxes';
const boxId: Place = inPath('box', 'box_not_found');
const grantId: Place = { ...inPath('grant', 'grant_not_found'), isBehindRights: true };
const manage = { act: 'box:manage', orAnyBox: true, confirmed: true } as const;
const noSuchPrincipal = problem(404, 'grant_principal_not_found');

/** Boxes are not put before others: one is in the group, or hands out access to every box. */
const notInOwnerGroup = (principal: Principal): Outcome | undefined =>
  handsOutEveryBox(principal) ? undefined : problem(403, 'not_in_owner_group');
const ownerGroupId: Place = {
  ...inBody('owner group', (principal) => notInOwnerGroup(principal) ?? noSuchPrincipal),
  isBehindRights: true,
};
const grantee = (kind: 'member' | 'group'): Place => ({ ...inBody(kind, noSuchPrincipal), isBehindRights: true });

const anotherGrant = async (tenant: Tenant) => ({ grantId: await tenant.another('grant') });

export const BOXES: readonly Row[] = [
  {
    route: `POST ${B}`,
    needs: { act: 'box:create' },
    places: { ownerGroupId, memberId: grantee('member'), groupId: grantee('group') },
    body: ({ ownerGroupId: group, memberId, groupId }) => ({
      name: `Box ${randomUUID()}`,
      ownerGroupId: group,
      grants: [
        { principal: { kind: 'user', memberId }, role: 'read' },
        { principal: { kind: 'group', groupId }, role: 'read' },
      ],
    }),
    refused: notInOwnerGroup,
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  {
    route: `GET ${B}`,
    needs: { act: 'box:read', orAnyBox: true },
    places: { cursor: cursor('cursor of boxes') },
    succeeds: { status: 200 },
    hidden: EMPTY,
  },
  { route: `GET ${B}/:boxId`, needs: { act: 'box:read', orAnyBox: true }, places: { boxId }, succeeds: { status: 200 } },
  {
    route: `PATCH ${B}/:boxId`,
    needs: manage,
    places: { boxId, ownerGroupId },
    body: ({ ownerGroupId: group }) => ({ description: 'Another one', ownerGroupId: group }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${B}/:boxId`,
    needs: manage,
    places: { boxId: inPath('new box', 'box_not_found') },
    isOfNewBox: true,
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant) => ({ boxId: await tenant.another('new box') }),
  },
  {
    route: `POST ${B}/:boxId/restore`,
    needs: manage,
    places: { boxId: inPath('deleted box', 'box_not_found') },
    isOfNewBox: true,
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant) => ({ boxId: await tenant.another('deleted box') }),
  },
  { route: `GET ${B}/:boxId/grants`, needs: { act: 'box:manage', orAnyBox: true }, places: { boxId }, succeeds: { status: 200 } },
  {
    route: `GET ${B}/:boxId/grants`,
    needs: { act: 'box:manage', orAnyBox: true },
    places: { boxId: { ...boxId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of grants') },
    succeeds: { status: 200 },
    hidden: problem(404, 'box_not_found'),
  },
  { route: `GET ${B}/:boxId/access`, needs: { act: 'box:manage', orAnyBox: true }, places: { boxId }, succeeds: { status: 200 } },
  {
    route: `GET ${B}/:boxId/access`,
    needs: { act: 'box:manage', orAnyBox: true },
    places: { boxId: { ...boxId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of access') },
    succeeds: { status: 200 },
    hidden: problem(404, 'box_not_found'),
  },
  {
    route: `POST ${B}/:boxId/grants`,
    needs: manage,
    places: { boxId, memberId: grantee('member') },
    body: ({ memberId }) => ({ principal: { kind: 'user', memberId }, role: 'read' }),
    succeeds: { status: 201 },
    isIdempotent: true,
    uses: async (tenant) => ({ memberId: await tenant.another('member') }),
  },
  {
    route: `POST ${B}/:boxId/grants`,
    needs: manage,
    places: { boxId, groupId: grantee('group') },
    body: ({ groupId }) => ({ principal: { kind: 'group', groupId }, role: 'read' }),
    succeeds: { status: 201 },
    isIdempotent: true,
    uses: async (tenant) => ({ groupId: await tenant.another('group') }),
  },
  {
    route: `PATCH ${B}/:boxId/grants/:grantId`,
    needs: manage,
    places: { boxId, grantId },
    body: () => ({ role: 'read' }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${B}/:boxId/grants/:grantId`,
    needs: manage,
    places: { boxId, grantId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: anotherGrant,
  },
];
