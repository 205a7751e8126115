import { type Outcome, type Row, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const W = '/v1/workspaces/:workspaceId';
const needs = { act: 'session:manage' } as const;
const badCursor = problem(400, 'bad_cursor');
const noSuchSession = problem(404, 'session_not_found');
/** These members came without a password: whatever they say, it is not theirs. */
const notConfirmed = problem(403, 'identity_not_confirmed');
const noPassword = problem(409, 'no_password');

/** Ended by their own sign-out: they go on as if they had not. */
const signInAgain = ({ keyhold, workspace }: Tenant): Promise<unknown> =>
  keyhold.database.asAdmin(`UPDATE sessions SET ended_at = NULL WHERE workspace_id = $1 AND ended_at > created_at`, [workspace.id]);

const again = ({ ...outcome }: Outcome): Outcome => outcome;

export const SESSIONS: readonly Row[] = [
  { route: `GET ${W}/session`, needs, places: {}, succeeds: { status: 200 } },
  { route: `DELETE ${W}/session`, needs, places: {}, succeeds: { status: 204 }, undo: signInAgain },
  {
    route: `POST ${W}/session/confirm`,
    needs,
    places: {},
    body: () => ({ password: 'violet kettle' }),
    succeeds: notConfirmed,
    isCostly: true,
  },
  {
    route: `PUT ${W}/password`,
    needs,
    places: {},
    body: () => ({ password: 'violet kettle', newPassword: 'seven grey herons at noon' }),
    succeeds: notConfirmed,
    isCostly: true,
  },
  { route: `POST ${W}/authenticator/open`, needs, places: {}, succeeds: noPassword },
  {
    route: `PUT ${W}/authenticator`,
    needs,
    places: {},
    body: () => ({ password: 'violet kettle', totpCode: '123456', totpSetUp: 'none', newTotpCode: '123456' }),
    succeeds: problem(422, 'totp_code_refused'),
  },
  { route: `POST ${W}/recovery-codes`, needs: { ...needs, confirmed: true }, places: {}, succeeds: noPassword },
  { route: `GET ${W}/sessions`, needs, places: {}, succeeds: { status: 200 } },
  {
    // one's own alone: a cursor of somebody else in the same workspace is none either
    route: `GET ${W}/sessions`,
    needs,
    places: { cursor: { in: 'query', kind: 'cursor of sessions', absent: again(badCursor), malformed: again(badCursor) } },
    succeeds: badCursor,
  },
  {
    route: `DELETE ${W}/sessions/:sessionId`,
    needs,
    places: { sessionId: inPath('session', 'session_not_found') },
    succeeds: noSuchSession,
  },
  {
    route: `GET ${W}/session/confirm/oidc`,
    needs,
    places: { providerId: { ...inPath('provider', 'identity_provider_not_found'), in: 'query' } },
    succeeds: { status: 302 },
  },
];
