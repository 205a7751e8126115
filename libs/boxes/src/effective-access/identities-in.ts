import { type BoxRights, grantCandidates, parseAwsPrincipal, standingOfAws } from '#access';
import type { Queries, Statement } from '#audit';
import { type AccessEntry, type BoxPlace, type CandidateSource, actionsIn, notNow, strongest } from './access-entry.js';
import { reasonsOf } from './reasons.js';

/** No more than a box may have grants. */
const GRANTED_ARNS: Statement = {
  name: 'access-granted-arns',
  text: `SELECT iam_arn, pinned_unique_id FROM box_grants WHERE workspace_id = $1 AND box_id = $2 AND iam_arn IS NOT NULL`,
};

interface GrantedArn {
  iam_arn: string;
  pinned_unique_id: string | null;
}

/** Who signs in as an ARN, told apart by unique id where a grant does. */
interface Identity {
  key: string;
  arn: string;
  uniqueId: string | null;
}

/** AWS identities by the ARNs that grants name; who else signs in is meant by one of these or has nothing. */
export function identitiesIn(rights: BoxRights): CandidateSource {
  return async (tx, place, limit, after) => {
    const identities = identitiesOf(await tx.query<GrantedArn>(GRANTED_ARNS, [place.boxId]));
    const next = identities.filter(({ key }) => after === undefined || key > after).slice(0, limit);
    return Promise.all(next.map(async (identity) => ({ key: identity.key, entry: await entryOf(tx, rights, place, identity) })));
  };
}

/**
 * Each ARN, and besides each ARN with each unique id that a grant which means it demands: what such an identity has may be more.
 */
function identitiesOf(granted: readonly GrantedArn[]): Identity[] {
  const identities = granted.flatMap(({ iam_arn: arn }) => {
    const principal = parseAwsPrincipal(arn);
    const candidates = principal ? grantCandidates(principal) : [];
    const pins = granted.filter(({ iam_arn }) => candidates.includes(iam_arn)).flatMap(({ pinned_unique_id }) => pinned_unique_id ?? []);
    return [null, ...pins].map((uniqueId) => ({ key: `${arn} ${uniqueId ?? ''}`, arn, uniqueId }));
  });
  const byKey = new Map(identities.map((identity) => [identity.key, identity]));
  return [...byKey.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

async function entryOf(tx: Queries, rights: BoxRights, place: BoxPlace, { arn, uniqueId }: Identity): Promise<AccessEntry | undefined> {
  const who = standingOfAws(place.workspaceId, { arn, uniqueId: uniqueId ?? undefined });
  const [actions, grants] = await Promise.all([actionsIn(tx, rights, who, place.boxId), rights.grantsFor(tx, who, place.boxId)]);
  if (actions.length === 0) return undefined;
  return {
    principal: { kind: 'iam', arn, uniqueId },
    role: strongest(grants),
    actions,
    notNow: notNow(neverSignsIn(arn) ? 'never_signs_in' : undefined),
    reasons: await reasonsOf(tx, grants),
  };
}

function neverSignsIn(arn: string): boolean {
  const { kind, path } = parseAwsPrincipal(arn) ?? {};
  return kind === 'role' && path !== '/';
}
