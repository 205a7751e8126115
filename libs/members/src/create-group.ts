import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '#database';
import { type NewGroup, insertGroup } from './group-store.js';
import { type GroupView, groupView } from './group-view.js';
import { MemberError } from './member-error.js';

/** Makes an empty group: a local one, or one that a claim at sign-in fills. */
export class CreateGroup {
  constructor(private readonly database: Database) {}

  async run(ctx: RequestContext, { name, source }: Omit<NewGroup, 'groupId'>): Promise<GroupView> {
    const groupId = randomUUIDv7();
    const [provider_id, claim_value] = [source?.providerId ?? null, source?.claimValue ?? null];
    try {
      return await this.database.act(ctx, async (tx) => {
        const created_at = await insertGroup(tx, { groupId, name, source });
        const row = { group_id: groupId, name, provider_id, claim_value, created_at, member_count: 0 };
        return { result: groupView(row), event: { type: 'group.created', details: { groupId, name, ...source } } };
      });
    } catch (error) {
      throw inOurWords(error);
    }
  }
}

function inOurWords(error: unknown): unknown {
  if (isUniqueViolation(error, 'groups_name_key')) return new MemberError('group_name_taken');
  if (isUniqueViolation(error, 'groups_claim_key')) return new MemberError('group_claim_taken');
  if (isForeignKeyViolation(error, 'groups_workspace_id_provider_id_fkey')) return new MemberError('identity_provider_not_found');
  return error;
}
