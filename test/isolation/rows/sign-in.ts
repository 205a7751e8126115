import { randomUUID } from 'node:crypto';
import { EMPTY, NOT_VALID, type Outcome, type Place, type Row, problem } from '../row.js';

const refused = (outcome: Outcome) => ({ kind: 'workspace' as const, absent: { ...outcome }, malformed: { ...outcome } });
const noSignIn = problem(401, 'sign_in_refused');
const asCerberus: Outcome = { status: 401 };

/** Fresh, of the right form, and signed with nobody's key: AWS is asked about it. */
const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const signed = (headers: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE12/${amzDate.slice(0, 8)}/us-east-2/sts/aws4_request, SignedHeaders=${headers}, ` +
  `Signature=${'0'.repeat(64)}`;
const authorization = signed('host;x-amz-date;x-keyhold-audience');
const headers = { authorization: signed('host;x-amz-date'), 'x-amz-date': amzDate };

const noProvider = problem(404, 'identity_provider_not_found');
const notBegun = problem(400, 'sign_in_not_begun');
const noInvitation = problem(401, 'invitation_refused');
const provider: Place = { in: 'query', kind: 'provider', absent: noProvider, malformed: noProvider };
const invitation: Place = { in: 'body', kind: 'invitation', absent: noInvitation, malformed: noInvitation };

/** Doors for those who are nobody yet: whether there is such a workspace is told to none of them. */
export const SIGN_IN: readonly Row[] = [
  {
    route: 'POST /v1/auth/aws',
    places: { workspaceId: { in: 'body', ...refused(noSignIn) } },
    body: ({ workspaceId }) => ({ workspaceId, region: 'us-east-2', authorization, amzDate }),
    succeeds: noSignIn,
  },
  {
    route: 'POST /cerberus/:place/v2/auth/sts-identity',
    places: { place: { in: 'path', ...refused(asCerberus) } },
    headers,
    succeeds: asCerberus,
  },
  {
    route: 'POST /v1/sign-in/password',
    places: { workspaceId: { in: 'body', kind: 'workspace', absent: { ...noSignIn }, malformed: NOT_VALID } },
    body: ({ workspaceId }) => ({ workspaceId, email: `${randomUUID()}@acme.example`, password: 'violet kettle', totpCode: '123456' }),
    succeeds: noSignIn,
    isCostly: true,
  },
  {
    // with what people can sign in is for everybody to see
    route: 'GET /v1/sign-in/providers',
    places: { workspaceId: { in: 'query', kind: 'workspace', absent: EMPTY, foreign: { status: 200 }, malformed: EMPTY } },
    tells: ({ publicIds }) => publicIds,
    succeeds: { status: 200 },
  },
  {
    route: 'GET /v1/sign-in/oidc/start',
    places: { workspaceId: { in: 'query', kind: 'workspace', absent: noProvider, malformed: noProvider }, providerId: provider },
    tells: ({ publicIds }) => publicIds,
    succeeds: { status: 302 },
  },
  {
    route: 'GET /v1/sign-in/oidc/callback/:providerId',
    places: { providerId: { in: 'path', kind: 'provider', absent: { ...notBegun }, malformed: { ...notBegun } } },
    succeeds: notBegun,
  },
  {
    // whoever has an invitation is told what it is for
    route: 'POST /v1/invitations/open',
    places: { token: invitation },
    body: ({ token }) => ({ token }),
    tellsItsHolder: true,
    succeeds: { status: 200 },
  },
  {
    route: 'POST /v1/invitations/accept',
    places: { token: invitation },
    body: ({ token }) => ({ token, name: 'Ada', password: 'seven grey herons at noon', totpSetUp: 'none', totpCode: '123456' }),
    succeeds: problem(422, 'totp_code_refused'),
  },
  // of no host: no workspace is claimed at all
  { route: 'POST /v2/auth/sts-identity', places: {}, headers, succeeds: { status: 400 } },
];
