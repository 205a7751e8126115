import { randomUUIDv7 } from 'node:crypto';
import type { BoxRole, GrantFacts, GrantPrincipal, GrantRows } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { isForeignKeyViolation, isUniqueViolation } from '#database';
import { BoxError } from '../box-error.js';
import { type NamedPrincipal, grantPrincipal } from './grant-principal.js';
import { namedIn } from './grant-view.js';

export interface GrantRequest {
  principal: NamedPrincipal;
  role: BoxRole;
}

/** One of a box, with an id of its own. */
export function newGrant(boxId: string, { principal, role }: GrantRequest): GrantFacts {
  return { ...grantPrincipal(principal), box_id: boxId, grant_id: randomUUIDv7(), role, is_owner_group: false };
}

/** What makes a group the owner of a box. */
export function ownerGrant(boxId: string, groupId: string): GrantFacts {
  return { ...newGrant(boxId, { principal: { kind: 'group', groupId }, role: 'owner' }), is_owner_group: true };
}

/** Whom they name must be there until the commit. Throws `grant_exists` and `grant_principal_not_found`, which end the transaction. */
export async function insertGrants(tx: Queries, rows: GrantRows, workspaceId: string, grants: readonly GrantFacts[]): Promise<void> {
  try {
    for (const grant of grants) await rows.insert(tx, workspaceId, grant);
  } catch (error) {
    if (isUniqueViolation(error, 'box_grants_principal_key')) throw new BoxError('grant_exists');
    if (PRINCIPAL_KEYS.some((key) => isForeignKeyViolation(error, key))) throw new BoxError('grant_principal_not_found');
    throw error;
  }
}

const PRINCIPAL_KEYS = ['box_grants_workspace_id_member_id_fkey', 'box_grants_workspace_id_group_id_fkey'];

type GrantEvent = Extract<AuditEvent['type'], 'box.grant_added' | 'box.grant_changed' | 'box.grant_removed'>;

export function grantEvent(
  type: GrantEvent,
  { box_id: boxId, grant_id: grantId, ...grant }: GrantPrincipal & { box_id: string; grant_id: string },
  roles: { before: BoxRole | null; after: BoxRole | null },
): AuditEvent {
  return { type, boxId, details: { grantId, principal: namedIn(grant), ...roles } };
}
