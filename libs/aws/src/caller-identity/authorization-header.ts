import { CallerIdentityError } from './caller-identity-error.js';

/** What an `Authorization` header claims, taken apart. Nothing of it is proved. */
export interface ClaimedSignature {
  accessKeyId: string;
  /** YYYYMMDD, of the credential scope */
  date: string;
  region: string;
  /** lower case, sorted, each once */
  signedHeaders: readonly string[];
  /** lower-case hex */
  signature: string;
}

const CHARACTERS_MAX = 1024;
const FORM = new RegExp(
  '^AWS4-HMAC-SHA256 Credential=(?<accessKeyId>[A-Z0-9]{16,128})/(?<date>[0-9]{8})/(?<region>[a-z0-9-]{1,32})/sts/aws4_request' +
    ', ?SignedHeaders=(?<names>[a-z0-9-]+(?:;[a-z0-9-]+)*), ?Signature=(?<signature>[0-9a-f]{64})$',
);

/** The one way in which signers write it: everything once, in this order. Throws `malformed`. */
export function parseAuthorization(text: string): ClaimedSignature {
  const parts = text.length <= CHARACTERS_MAX ? FORM.exec(text)?.groups : undefined;
  if (!parts) throw new CallerIdentityError('malformed', { reason: 'Authorization' });
  const { accessKeyId = '', date = '', region = '', names = '', signature = '' } = parts;
  const signedHeaders = names.split(';');
  if (!isAscending(signedHeaders)) throw new CallerIdentityError('malformed', { reason: 'the order of SignedHeaders' });
  return { accessKeyId, date, region, signedHeaders, signature };
}

/** The same signature, in our own spelling. */
export function authorizationHeader({ accessKeyId, date, region, signedHeaders, signature }: ClaimedSignature): string {
  const credential = `${accessKeyId}/${date}/${region}/sts/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
}

const isAscending = (names: readonly string[]): boolean => names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name);
