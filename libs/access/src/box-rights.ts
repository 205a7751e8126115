import type { Queries, Statement } from '#audit';
import { AccessError } from './access-error.js';
import { type Action, BOX_ROLES } from './actions.js';
import type { GrantRow, GrantRows } from './box-grants.js';
import type { BoxReach } from './request-context.js';
import type { Standing } from './standing.js';

/** Every grant that names the caller or a group of theirs, in boxes that are not deleted, or in those that are. */
const GRANTS_OF: Statement = {
  name: 'box-grants-of',
  text: `SELECT g.box_id, g.grant_id, g.member_id, g.group_id, g.iam_arn, g.pinned_unique_id, g.role, g.is_owner_group, g.mac,
      m.mac AS membership_mac
    FROM box_grants g
    JOIN boxes b ON b.workspace_id = g.workspace_id AND b.box_id = g.box_id AND (b.deleted_at IS NULL) = ($5 = 'live')
    LEFT JOIN group_members m ON m.workspace_id = g.workspace_id AND m.group_id = g.group_id AND m.member_id = $2
    WHERE g.workspace_id = $1 AND ($4::uuid[] IS NULL OR g.box_id = ANY ($4))
      AND (g.member_id = $2 OR m.member_id IS NOT NULL OR g.iam_arn = ANY ($3))`,
};

/** A deleted box gives nobody anything; what its grants would give counts for taking the deletion back. */
export type BoxState = 'live' | 'deleted';

type GrantReach = Extract<BoxReach, { by: 'grants' }>;

interface FoundGrant extends GrantRow {
  membership_mac: Buffer | null;
}

/** Refusals that look like something else. */
const REFUSALS = new WeakSet<Error>();

/** Marks an error of another room as the refusal that it is, so that it is put on record. */
export function asRefusal<Refused extends Error>(error: Refused): Refused {
  REFUSALS.add(error);
  return error;
}

/** Whether somebody was kept from something, also when they are told that it is not there. */
export function isRefusal(error: unknown): boolean {
  return error instanceof AccessError || (error instanceof Error && REFUSALS.has(error));
}

/** What lies in no box is only for keys that are for every box. Throws `forbidden`. */
export function requireEveryBox({ reach }: Standing): void {
  if (reach.by !== 'scope' || reach.boxIds !== 'all') throw new AccessError('forbidden');
}

/** Whether access to every box is the caller's to hand out. A key with a list of boxes is for those of its list, whatever else it may. */
export function handsOutEveryBox(actions: ReadonlySet<Action>, { reach }: Standing): boolean {
  return actions.has('access:any_box') && (reach.by === 'grants' || reach.boxIds === 'all');
}

export type AllowedByBox = ReadonlyMap<string, ReadonlySet<Action>>;

const NONE: ReadonlySet<Action> = new Set();

/**
 * What a principal may do in boxes, found out anew in the transaction in which it is done. An action counts when the principal
 * has it at all and the box gives it too: a key's scopes inside its list of boxes; of everybody else, their grants.
 */
export class BoxRights {
  constructor(private readonly grants: GrantRows) {}

  /** What `who` may do in the box. Empty when there is no such box for it. */
  async of(tx: Queries, who: Standing, boxId: string, state: BoxState = 'live'): Promise<ReadonlySet<Action>> {
    return (await this.ofEach(tx, who, [boxId], state)).get(boxId) ?? NONE;
  }

  /** The same of several boxes at once; of those that are nothing to `who` there may be no entry. */
  async ofEach(tx: Queries, who: Standing, boxIds: readonly string[], state: BoxState = 'live'): Promise<AllowedByBox> {
    const { reach } = who;
    if (reach.by === 'grants') return this.#granted(tx, who, reach, state, boxIds);
    const { boxIds: listed } = reach;
    return new Map(boxIds.filter((boxId) => listed === 'all' || listed.has(boxId)).map((boxId) => [boxId, who.actions]));
  }

  /**
   * Throws `absent()` when the box is nothing to `who`, so that it looks like one that is not there, and `forbidden` when it
   * may do something in it but not this.
   */
  async require(tx: Queries, who: Standing, boxId: string, action: Action, absent: () => Error, state: BoxState = 'live'): Promise<void> {
    const allowed = await this.of(tx, who, boxId, state);
    if (allowed.has(action) && who.actions.has(action)) return;
    throw allowed.size > 0 ? new AccessError('forbidden') : asRefusal(absent());
  }

  /** The boxes in which `who` may do `action`: for lists. */
  async boxesFor(tx: Queries, who: Standing, action: Action, state: BoxState = 'live'): Promise<'all' | string[]> {
    const { reach } = who;
    if (!who.actions.has(action)) return [];
    if (reach.by === 'scope') return reach.boxIds === 'all' ? 'all' : [...reach.boxIds];
    const granted = await this.#granted(tx, who, reach, state);
    return [...granted].filter(([, actions]) => actions.has(action)).map(([boxId]) => boxId);
  }

  /** The grants that count for `who` in the box: why they may do there what `of` tells. None for keys, whose scopes say it. */
  async grantsFor(tx: Queries, who: Standing, boxId: string): Promise<GrantRow[]> {
    return who.reach.by === 'grants' ? this.#counting(tx, who, who.reach, 'live', [boxId]) : [];
  }

  async #granted(tx: Queries, who: Standing, reach: GrantReach, state: BoxState, boxIds?: readonly string[]) {
    const allowed = new Map<string, Set<Action>>();
    for (const grant of await this.#counting(tx, who, reach, state, boxIds)) {
      const actions = allowed.get(grant.box_id) ?? new Set();
      for (const action of BOX_ROLES[grant.role]) actions.add(action);
      allowed.set(grant.box_id, actions);
    }
    return allowed;
  }

  async #counting(tx: Queries, { workspaceId }: Standing, reach: GrantReach, state: BoxState, boxIds?: readonly string[]) {
    const found = await tx.query<FoundGrant>(GRANTS_OF, [reach.memberId, reach.arns, boxIds, state]);
    return found.filter((grant) => this.#counts(workspaceId, reach, grant));
  }

  #counts(workspaceId: string, reach: GrantReach, grant: FoundGrant): boolean {
    if (!this.grants.isGenuine(workspaceId, grant)) return false;
    const { group_id, pinned_unique_id, membership_mac } = grant;
    if (pinned_unique_id !== null && pinned_unique_id !== reach.uniqueId) return false;
    if (group_id === null) return true;
    if (membership_mac === null || reach.memberId === undefined) return false;
    return this.grants.isGenuineMembership(workspaceId, { group_id, member_id: reach.memberId }, membership_mac);
  }
}
