import { CallerIdentityError } from './caller-identity-error.js';
import { PARTITION } from './sts-hosts.js';

/** What came back, as it came. */
export interface StsReply {
  status: number;
  contentType: string | undefined;
  body: string;
}

/** Whom STS named. */
export interface ToldCaller {
  arn: string;
  /** 12 digits; the account of the ARN. */
  account: string;
  /** `AROA…:session`, `AIDA…`, … */
  userId: string;
  stsRequestId: string;
}

const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
const ARN = new RegExp(`^arn:${PARTITION}:(?:iam|sts)::([0-9]{12}):[!-9;-~]{1,512}$`);
const USER_ID = /^[!-~]{1,256}$/;
const REQUEST_ID = /^[\w-]{1,128}$/;
const ERROR_CODE = /^[A-Za-z.]{1,64}$/;

/** Names under which AWS asks for patience. */
const THROTTLES: ReadonlySet<string> = new Set(['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded']);
const REFUSALS: Readonly<Record<string, 'signature_mismatch' | 'expired_token'>> = {
  SignatureDoesNotMatch: 'signature_mismatch',
  ExpiredToken: 'expired_token',
  ExpiredTokenException: 'expired_token',
};

/** The caller, by an answer that is exactly one of GetCallerIdentity. Throws CallerIdentityError for every other. */
export function toldCaller(reply: StsReply): ToldCaller {
  if (reply.status >= 400) throw refusal(reply);
  if (reply.status !== 200) throw new CallerIdentityError('unintelligible', { reason: `status ${reply.status}` });
  if (!JSON_TYPE.test(reply.contentType ?? '')) throw new CallerIdentityError('unintelligible', { reason: 'content type' });
  return consistent(members(parsed(reply.body), reply.body));
}

function refusal({ status, body }: StsReply): CallerIdentityError {
  const { code, requestId } = errorNames(body);
  const facts = { ...(code !== undefined && { awsError: code }), ...(requestId !== undefined && { stsRequestId: requestId }) };
  if (status >= 500 || status === 429 || THROTTLES.has(code ?? '')) return new CallerIdentityError('unavailable', facts);
  return new CallerIdentityError(Object.hasOwn(REFUSALS, code ?? '') ? (REFUSALS[code ?? ''] ?? 'refused') : 'refused', facts);
}

/** A refusal is one whatever its body says; the names are for telling people. */
function errorNames(body: string): { code?: string; requestId?: string } {
  const answer = recordOf(tryJson(body));
  const code = textOf(recordOf(answer['Error'])['Code'], ERROR_CODE);
  const requestId = textOf(answer['RequestId'], REQUEST_ID);
  return { ...(code !== undefined && { code }), ...(requestId !== undefined && { requestId }) };
}

function parsed(body: string): unknown {
  const value = tryJson(body);
  if (value === undefined) throw new CallerIdentityError('unintelligible', { reason: 'no JSON' });
  return value;
}

const ANSWER_STRINGS = 11;

/** Exactly these members, each once: seven names and four values, and no string more, which is how a name that stands twice shows. */
function members(value: unknown, body: string): ToldCaller {
  const root = exactly(value, ['GetCallerIdentityResponse']);
  const response = exactly(root['GetCallerIdentityResponse'], ['GetCallerIdentityResult', 'ResponseMetadata']);
  const result = exactly(response['GetCallerIdentityResult'], ['Account', 'Arn', 'UserId']);
  const metadata = exactly(response['ResponseMetadata'], ['RequestId']);
  if ([...body.matchAll(/"(?:[^"\\]|\\.)*"/g)].length !== ANSWER_STRINGS) throw strange('a name twice');
  return {
    arn: requiredText(result['Arn'], ARN, 'Arn'),
    account: requiredText(result['Account'], /^[0-9]{12}$/, 'Account'),
    userId: requiredText(result['UserId'], USER_ID, 'UserId'),
    stsRequestId: requiredText(metadata['RequestId'], REQUEST_ID, 'RequestId'),
  };
}

function consistent(told: ToldCaller): ToldCaller {
  if (ARN.exec(told.arn)?.[1] !== told.account) throw strange('two accounts');
  return told;
}

function exactly(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const record = recordOf(value);
  const found = Object.keys(record);
  if (found.length !== names.length || !names.every((name) => Object.hasOwn(record, name))) throw strange('members');
  return record;
}

function requiredText(value: unknown, form: RegExp, what: string): string {
  const text = textOf(value, form);
  if (text === undefined) throw strange(what);
  return text;
}

const strange = (reason: string): CallerIdentityError => new CallerIdentityError('unintelligible', { reason });

const textOf = (value: unknown, form: RegExp): string | undefined => (typeof value === 'string' && form.test(value) ? value : undefined);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Undefined for what is no JSON; the error would quote it. */
function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
