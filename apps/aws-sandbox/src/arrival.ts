import { type Arrival } from './faults.js';
import { type Caller } from './iam/caller.js';
import { type Sandbox } from './sandbox.js';
import { readableClaim } from './wire/authorization-header.js';
import { type ReceivedRequest } from './wire/received-request.js';
import { type Route } from './wire/route.js';

/** What a request claims before anything of it is verified: enough for the ledger and for faults. */
export interface Claims {
  region?: string;
  accessKeyId?: string;
  service?: string;
  operation?: string;
  caller?: Caller;
  keyId?: string;
  /** of the role or key that is asked for */
  targetAccountId?: string;
}

export function claimsOf(sandbox: Sandbox, request: ReceivedRequest, route: Route | undefined): Claims {
  const claim = readableClaim(request.headers.get('authorization'));
  const caller = claim && sandbox.iam.findCredential(claim.accessKeyId)?.caller;
  const base: Claims = {
    ...(claim && { region: claim.region, accessKeyId: claim.accessKeyId, service: claim.service }),
    ...(route && { service: route.service, operation: route.operation }),
    ...(caller && { caller }),
  };
  return { ...base, ...targetOf(sandbox, request, route, base) };
}

export const arrivalOf = ({ caller, targetAccountId, ...claims }: Claims): Arrival => ({
  ...claims,
  accountIds: [caller?.accountId, targetAccountId].filter((id) => id !== undefined),
});

function targetOf(sandbox: Sandbox, request: ReceivedRequest, route: Route | undefined, claims: Claims): Claims {
  if (route?.protocol === 'query') return accountOf(route.params.get('RoleArn') ?? '');
  const name = route?.service === 'kms' ? claimedKeyName(request.body) : undefined;
  if (name === undefined) return {};
  const resource = name.startsWith('arn:') ? name.split(':').slice(5).join(':') : name;
  const accountId = accountOf(name).targetAccountId ?? claims.caller?.accountId ?? '';
  const keyId = resource.startsWith('alias/')
    ? sandbox.keys.findAlias(accountId, claims.region ?? '', resource)?.keyId
    : KEY_ID.exec(resource)?.[1];
  return { ...accountOf(name), ...(keyId !== undefined && { keyId }) };
}

const KEY_ID = /^(?:key\/)?((?:mrk-)?[0-9a-f-]{32,36})$/;

function accountOf(arn: string): Claims {
  const accountId = /^arn:aws:(?:iam|kms):[a-z0-9-]*:(\d{12}):/.exec(arn)?.[1];
  return accountId === undefined ? {} : { targetAccountId: accountId };
}

/** Cheaper than parsing a body that will be parsed again; a body that hides its KeyId merely stays without one. */
const claimedKeyName = (body: Buffer): string | undefined =>
  /"(?:Target)?KeyId"\s*:\s*"([^"\\]{1,2048})"/.exec(body.toString('latin1'))?.[1];
