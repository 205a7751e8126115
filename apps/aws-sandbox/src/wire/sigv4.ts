import { createHmac, timingSafeEqual } from 'node:crypto';
import { compactTime } from '../clock.js';
import { type Credential } from '../iam/caller.js';
import { isRegion } from '../regions.js';
import { type ClaimedSignature, parseAuthorization } from './authorization-header.js';
import { canonicalRequest, sha256Hex } from './canonical-request.js';
import { header, type ReceivedRequest } from './received-request.js';
import { SignatureRefusal } from './signature-refusal.js';

export interface VerifiedSignature {
  credential: Credential;
  region: string;
}

export interface SignatureRules {
  /** The service this request is for; the credential scope must name it. */
  service: string;
  now: number;
  findCredential(accessKeyId: string): Credential | undefined;
}

const TERMINATOR = 'aws4_request';
const WINDOW_MINUTES: Readonly<Record<string, number>> = { sts: 15 };
const WINDOW_MINUTES_DEFAULT = 5;
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

/**
 * Verifies a Signature Version 4 in header form against the body as it arrived.
 * @throws SignatureRefusal with AWS's text.
 */
export function verifySignature(request: ReceivedRequest, rules: SignatureRules): VerifiedSignature {
  const claim = parseAuthorization(request.headers.get('authorization'));
  checkScope(claim, rules.service);
  checkSignedHeaders(request, claim, rules.service);
  const signedAt = signingTime(request, claim);
  const credential = credentialOf(request, claim, rules);
  checkWindow(signedAt, rules);
  const bodyHash = checkedBodyHash(request);
  const expected = signatureOf(request, claim, credential.secretAccessKey, bodyHash);
  if (!timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'))) throw new SignatureRefusal('mismatch', MISMATCH);
  return { credential, region: claim.region };
}

function checkScope(claim: ClaimedSignature, service: string): void {
  const refuse = (text: string) => new SignatureRefusal('mismatch', text);
  if (claim.terminator !== TERMINATOR) {
    throw refuse(`Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${claim.terminator}'.`);
  }
  if (!isRegion(claim.region)) throw refuse(`Credential should be scoped to a valid Region, not '${claim.region}'.`);
  if (claim.service !== service) throw refuse(`Credential should be scoped to correct service: '${service}'.`);
}

/** What may stay unsigned: STS takes a session token that its client added after it had signed. */
const MAY_BE_UNSIGNED: Readonly<Record<string, string>> = { sts: 'x-amz-security-token' };

/** A header that means something and is not signed could have been changed on the way. */
function checkSignedHeaders(request: ReceivedRequest, claim: ClaimedSignature, service: string): void {
  const signed = new Set(claim.signedHeaders);
  if (!signed.has('host')) {
    throw new SignatureRefusal('mismatch', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  const unsigned = [...request.headers.keys()].filter(
    (name) => name.startsWith('x-amz-') && !signed.has(name) && name !== MAY_BE_UNSIGNED[service],
  );
  if (unsigned.length > 0) {
    throw new SignatureRefusal('mismatch', `There were headers present in the request which were not signed: ${unsigned.join(', ')}`);
  }
}

/** @returns the time of signing in ms, from `x-amz-date`. */
function signingTime(request: ReceivedRequest, claim: ClaimedSignature): number {
  const text = header(request, 'x-amz-date');
  if (text === undefined) throw new SignatureRefusal('incomplete', "Authorization header requires existence of a 'X-Amz-Date' header.");
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  const ms = parts ? Date.parse(`${parts.slice(1, 4).join('-')}T${parts.slice(4).join(':')}Z`) : NaN;
  if (Number.isNaN(ms)) throw new SignatureRefusal('incomplete', "Date must be in ISO-8601 'basic format'.");
  if (text.slice(0, 8) !== claim.date) {
    throw new SignatureRefusal(
      'mismatch',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.date}' != '${text.slice(0, 8)}', from '${text}'.`,
    );
  }
  return ms;
}

function credentialOf(request: ReceivedRequest, claim: ClaimedSignature, rules: SignatureRules): Credential {
  const credential = rules.findCredential(claim.accessKeyId);
  const token = header(request, 'x-amz-security-token');
  if (!credential || !sameText(token, credential.sessionToken)) throw new SignatureRefusal('unknownToken', INVALID_TOKEN);
  if (credential.expiresAt !== undefined && credential.expiresAt <= rules.now) throw new SignatureRefusal('expiredToken', EXPIRED_TOKEN);
  return credential;
}

function sameText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return timingSafeEqual(Buffer.from(sha256Hex(a)), Buffer.from(sha256Hex(b)));
}

function checkWindow(signedAt: number, rules: SignatureRules): void {
  const minutes = WINDOW_MINUTES[rules.service] ?? WINDOW_MINUTES_DEFAULT;
  const windowMs = minutes * 60_000;
  const [signed, now] = [compactTime(signedAt), compactTime(rules.now)];
  if (signedAt < rules.now - windowMs) {
    const oldest = compactTime(rules.now - windowMs);
    throw new SignatureRefusal('mismatch', `Signature expired: ${signed} is now earlier than ${oldest} (${now} - ${minutes} min.)`);
  }
  if (signedAt > rules.now + windowMs) {
    const newest = compactTime(rules.now + windowMs);
    throw new SignatureRefusal('mismatch', `Signature not yet current: ${signed} is still later than ${newest} (${now} + ${minutes} min.)`);
  }
}

/** Hashes the body itself; a client's own hash, when sent, must agree. */
function checkedBodyHash(request: ReceivedRequest): string {
  const hash = sha256Hex(request.body);
  const claimed = header(request, 'x-amz-content-sha256');
  if (claimed !== undefined && claimed !== hash) throw new SignatureRefusal('mismatch', MISMATCH);
  return hash;
}

function signatureOf(request: ReceivedRequest, claim: ClaimedSignature, secret: string, bodyHash: string): Buffer {
  const scope = [claim.date, claim.region, claim.service, TERMINATOR];
  const canonical = canonicalRequest(request, claim.signedHeaders, bodyHash);
  const toSign = ['AWS4-HMAC-SHA256', header(request, 'x-amz-date'), scope.join('/'), sha256Hex(canonical)].join('\n');
  const key = scope.reduce<Buffer>((previous, part) => hmac(previous, part), Buffer.from(`AWS4${secret}`));
  return hmac(key, toSign);
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
