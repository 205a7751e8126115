import { type ApiKey, BOX_ACTIONS, type BoxRights, type RowMacs, listCountingKeys, standingOfKey } from '#access';
import type { Queries } from '#audit';
import { type AccessEntry, type BoxPlace, type CandidateSource, actionsIn } from './access-entry.js';

/** Keys of services that are for this box or every box. */
export function keysIn(rights: BoxRights, macs: RowMacs): CandidateSource {
  return async (tx, place, limit, after) => {
    const wanted = { boxId: place.boxId, scopes: BOX_ACTIONS };
    const keys = await listCountingKeys(tx, macs, place.workspaceId, wanted, limit, after);
    return Promise.all(keys.map(async ({ apiKeyId, key }) => ({ key: apiKeyId, entry: key && (await entryOf(tx, rights, place, key)) })));
  };
}

async function entryOf(tx: Queries, rights: BoxRights, { workspaceId, boxId }: BoxPlace, key: ApiKey): Promise<AccessEntry | undefined> {
  const actions = await actionsIn(tx, rights, standingOfKey(workspaceId, key), boxId);
  if (actions.length === 0) return undefined;
  const text = `API key with scope ${actions.join(', ')} on ${key.boxIds ? 'this box' : 'every box'}`;
  return {
    principal: { kind: 'api_key', apiKeyId: key.apiKeyId, name: key.name },
    role: null,
    actions,
    notNow: null,
    reasons: [{ code: 'api_key_scopes', text, grantId: null, role: null }],
  };
}
