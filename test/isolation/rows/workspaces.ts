import { randomUUID } from 'node:crypto';
import type { Row } from '../row.js';

const W = '/v1/workspaces/:workspaceId';

export const WORKSPACES: readonly Row[] = [
  {
    route: 'POST /v1/workspaces',
    needs: { act: 'workspace:create' },
    places: {},
    body: () => ({ name: `Workspace ${randomUUID()}`, ownerEmail: 'owner@workspace.example' }),
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${W}`, needs: { act: 'workspace:read' }, places: {}, succeeds: { status: 200 } },
  {
    route: `PATCH ${W}`,
    needs: { act: 'workspace:manage', confirmed: true },
    places: {},
    body: () => ({ awsAudience: 'required' }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
];
