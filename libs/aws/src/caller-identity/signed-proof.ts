import { createHash } from 'node:crypto';
import { authorizationHeader, type ClaimedSignature, parseAuthorization } from './authorization-header.js';
import { CallerIdentityError } from './caller-identity-error.js';
import { stsHost } from './sts-hosts.js';

/** All that is ever taken from a client. */
export interface SignedIdentity {
  /** Must be the Region of the credential scope; left out, that one counts. */
  region?: string;
  /** AWS4-HMAC-SHA256, with the service `sts`. */
  authorization: string;
  /** `20260101T000000Z` */
  amzDate: string;
  /** With temporary credentials. */
  securityToken?: string;
}

/** What a route demands of a signature beyond what AWS does. */
export interface ProofRules {
  secondsOldMax: number;
  secondsAheadMax: number;
  /** A token that was not signed could have been put beside another's signature. */
  unsignedToken: 'refused' | 'accepted';
}

export const PROOF_RULES = {
  keyhold: { secondsOldMax: 300, secondsAheadMax: 60, unsignedToken: 'refused' },
  /** Unmodified clients: their clocks are as good as AWS wants them, and some add the token after signing. */
  cerberus: { secondsOldMax: 900, secondsAheadMax: 900, unsignedToken: 'accepted' },
} as const satisfies Record<string, ProofRules>;

export interface ProofTerms {
  rules: ProofRules;
  /** The value of X-Keyhold-Audience that has to have been signed: ours, never the client's. */
  audience: string;
  audienceIs: 'required' | 'optional';
  /** Milliseconds since the epoch. */
  now: number;
}

export const AUDIENCE_HEADER = 'x-keyhold-audience';
export const IDENTITY_BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

/** Headers whose value we know, so that a client may have signed them. */
const CONSTANTS = {
  'content-length': String(Buffer.byteLength(IDENTITY_BODY)),
  'content-type': 'application/x-www-form-urlencoded',
  'x-amz-content-sha256': createHash('sha256').update(IDENTITY_BODY).digest('hex'),
} as const;
const SIGNABLE: ReadonlySet<string> = new Set([...Object.keys(CONSTANTS), 'host', 'x-amz-date', 'x-amz-security-token', AUDIENCE_HEADER]);
const TOKEN_FORM = /^[!-~]{1,8192}$/;
/** How long AWS itself would take the signature. */
const AWS_WINDOW_MS = 15 * 60_000;

/** A signature that may be shown to AWS, and the request that it has to have been made over. */
export class SignedProof {
  /** SHA-256 of the signature: knows it again without being it. */
  readonly signatureSha256: Buffer;
  readonly accessKeyId: string;
  readonly region: string;
  readonly audienceIsSigned: boolean;
  /** Milliseconds since the epoch: from then on nobody takes the signature. */
  readonly expiresAt: number;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(claim: ClaimedSignature, signedAt: number, headers: Readonly<Record<string, string>>) {
    this.signatureSha256 = createHash('sha256').update(claim.signature).digest();
    this.accessKeyId = claim.accessKeyId;
    this.region = claim.region;
    this.audienceIsSigned = claim.signedHeaders.includes(AUDIENCE_HEADER);
    this.expiresAt = signedAt + AWS_WINDOW_MS;
    this.#headers = headers;
  }

  /** Throws CallerIdentityError: `malformed`, `unknown_region`, `not_fresh`, `audience_not_signed`, `token_not_signed`. */
  static read(given: SignedIdentity, terms: ProofTerms): SignedProof {
    const claim = parseAuthorization(given.authorization);
    const host = stsHost(claim.region);
    if (host === undefined) throw new CallerIdentityError('unknown_region');
    if ((given.region ?? claim.region) !== claim.region) throw new CallerIdentityError('malformed', { reason: 'Region of another scope' });
    const signedAt = signingTime(given.amzDate, claim.date);
    checkSignedHeaders(claim.signedHeaders, given.securityToken, terms);
    checkFreshness(signedAt, terms);
    return new SignedProof(claim, signedAt, headersOf(claim, host, given, terms.audience));
  }

  /** All headers of the request to STS, but for those that every request of ours has. */
  headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }
}

/** Throws `malformed` also for a day that does not exist, and for a scope of another day. */
function signingTime(text: string, scopeDate: string): number {
  const parts = /^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z$/.exec(text);
  const iso = parts ? `${parts.slice(1, 4).join('-')}T${parts.slice(4).join(':')}.000Z` : '';
  const ms = Date.parse(iso);
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new CallerIdentityError('malformed', { reason: 'X-Amz-Date' });
  if (!text.startsWith(scopeDate)) throw new CallerIdentityError('malformed', { reason: 'scope of another day' });
  return ms;
}

function checkSignedHeaders(names: readonly string[], token: string | undefined, { rules, audienceIs }: ProofTerms): void {
  const signed = new Set(names);
  const malformed = (reason: string) => new CallerIdentityError('malformed', { reason });
  if (names.some((name) => !SIGNABLE.has(name))) throw malformed('a signed header that nobody knows');
  if (!signed.has('host') || !signed.has('x-amz-date')) throw malformed('host or date is not signed');
  if (token !== undefined && !TOKEN_FORM.test(token)) throw malformed('X-Amz-Security-Token');
  if (token === undefined && signed.has('x-amz-security-token')) throw malformed('a signed token that is missing');
  if (audienceIs === 'required' && !signed.has(AUDIENCE_HEADER)) throw new CallerIdentityError('audience_not_signed');
  const bareToken = token !== undefined && !signed.has('x-amz-security-token');
  if (bareToken && rules.unsignedToken === 'refused') throw new CallerIdentityError('token_not_signed');
}

function checkFreshness(signedAt: number, { rules, now }: ProofTerms): void {
  const secondsOld = (now - signedAt) / 1000;
  if (secondsOld > rules.secondsOldMax || -secondsOld > rules.secondsAheadMax) throw new CallerIdentityError('not_fresh');
}

function headersOf(claim: ClaimedSignature, host: string, { amzDate, securityToken }: SignedIdentity, audience: string) {
  const values: Readonly<Record<string, string>> = { ...CONSTANTS, [AUDIENCE_HEADER]: audience };
  const asSigned = claim.signedHeaders.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]] as const]));
  return {
    host,
    authorization: authorizationHeader(claim),
    'x-amz-date': amzDate,
    ...(securityToken !== undefined && { 'x-amz-security-token': securityToken }),
    ...Object.fromEntries(asSigned),
  };
}
