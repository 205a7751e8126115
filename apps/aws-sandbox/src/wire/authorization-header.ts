import { SignatureRefusal } from './signature-refusal.js';

/** What an `Authorization: AWS4-HMAC-SHA256 …` header claims. Nothing of it is proved yet. */
export interface ClaimedSignature {
  accessKeyId: string;
  /** YYYYMMDD */
  date: string;
  region: string;
  service: string;
  terminator: string;
  signedHeaders: readonly string[];
  /** lower-case hex */
  signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SIGNATURE_FORM = /^[0-9a-f]{64}$/;
const HEADER_LIST_FORM = /^[a-z0-9!#$%&'*+.^_`|~-]+(;[a-z0-9!#$%&'*+.^_`|~-]+)*$/;

/** @throws SignatureRefusal `missing` or `incomplete`; the message never repeats the signature. */
export function parseAuthorization(values: readonly string[] | undefined): ClaimedSignature {
  const [value, ...more] = values ?? [];
  if (value === undefined || value === '') throw new SignatureRefusal('missing', 'Request is missing Authentication Token');
  if (more.length > 0) throw new SignatureRefusal('incomplete', 'Authorization header must be sent once.');
  if (!value.startsWith(`${ALGORITHM} `)) {
    throw new SignatureRefusal('incomplete', `Unsupported authorization type; the Authorization header must begin with '${ALGORITHM}'.`);
  }
  const parts = parameters(value.slice(ALGORITHM.length + 1));
  return { ...scopeOf(required(parts, 'Credential')), ...proofOf(parts) };
}

/** For the ledger and for faults: the claim if it is readable at all. */
export function readableClaim(values: readonly string[] | undefined): ClaimedSignature | undefined {
  try {
    return parseAuthorization(values);
  } catch (error) {
    if (error instanceof SignatureRefusal) return undefined;
    throw error;
  }
}

function parameters(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(',')) {
    const [name = '', ...value] = part.trim().split('=');
    if (parts.has(name)) throw new SignatureRefusal('incomplete', `Authorization header has '${name}' more than once.`);
    parts.set(name, value.join('='));
  }
  return parts;
}

function required(parts: Map<string, string>, name: string): string {
  const value = parts.get(name);
  if (value === undefined || value === '') {
    throw new SignatureRefusal('incomplete', `Authorization header requires '${name}' parameter.`);
  }
  return value;
}

function scopeOf(credential: string) {
  const [accessKeyId, date, region, service, terminator, ...more] = credential.split('/');
  if (!accessKeyId || !date || !region || !service || !terminator || more.length > 0) {
    throw new SignatureRefusal('incomplete', 'Credential must have exactly 5 slash-delimited elements: keyid/date/region/service/term.');
  }
  return { accessKeyId, date, region, service, terminator };
}

function proofOf(parts: Map<string, string>) {
  const headerList = required(parts, 'SignedHeaders');
  const signature = required(parts, 'Signature');
  if (!HEADER_LIST_FORM.test(headerList)) throw new SignatureRefusal('incomplete', "Authorization header has a malformed 'SignedHeaders'.");
  if (!SIGNATURE_FORM.test(signature)) throw new SignatureRefusal('incomplete', "Authorization header has a malformed 'Signature'.");
  return { signedHeaders: headerList.split(';'), signature };
}
