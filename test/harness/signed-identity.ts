import { createHash, createHmac } from 'node:crypto';

/** What a caller signs with. */
export interface Signer {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What a caller hands over to prove who it is. */
export interface SignedIdentity {
  region: string;
  authorization: string;
  amzDate: string;
  securityToken?: string;
}

/** Every part of the request that is signed; an attack changes one. Header names are signed as they stand here. */
export interface SigningOrder {
  region?: string;
  method?: string;
  path?: string;
  query?: string;
  body?: string;
  /** beside `host` and `x-amz-date`; undefined takes one away */
  headers?: Record<string, string | undefined>;
  at?: Date;
  /** date, Region, service and terminator, when they are not what they should be */
  scope?: Partial<Record<'date' | 'region' | 'service' | 'terminator', string>>;
  /** what `SignedHeaders=` says, when it is not the sorted list of what is signed */
  signedHeaders?: string;
}

export const IDENTITY_BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
export const AUDIENCE_HEADER = 'x-keyhold-audience';

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** `20260101T000000Z` */
export const amzDateOf = (at: Date): string =>
  at
    .toISOString()
    .replace(/\.\d{3}Z$/, 'Z')
    .replace(/[-:]/g, '');

/** Signature Version 4 over GetCallerIdentity, or over whatever is ordered instead of it. */
export function signIdentity(signer: Signer, order: SigningOrder = {}): SignedIdentity {
  const { region = 'us-east-2', method = 'POST', path = '/', query = '', body = IDENTITY_BODY, at = new Date() } = order;
  const amzDate = amzDateOf(at);
  const headers = headersOf(signer, region, amzDate, order.headers);
  const names = order.signedHeaders ?? Object.keys(headers).sort().join(';');
  const lines = names.split(';').map((name) => `${name}:${headers[name] ?? ''}`);
  const canonical = [method, path, query, ...lines, '', names, sha256(body)].join('\n');
  const scope = { date: amzDate.slice(0, 8), region, service: 'sts', terminator: 'aws4_request', ...order.scope };
  const parts = [scope.date, scope.region, scope.service, scope.terminator];
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${signer.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', amzDate, parts.join('/'), sha256(canonical)].join('\n')).toString('hex');
  return {
    region,
    amzDate,
    authorization: `AWS4-HMAC-SHA256 Credential=${[signer.accessKeyId, ...parts].join('/')}, SignedHeaders=${names}, Signature=${signature}`,
    ...(signer.sessionToken !== undefined && { securityToken: signer.sessionToken }),
  };
}

function headersOf({ sessionToken }: Signer, region: string, amzDate: string, changes: SigningOrder['headers']): Record<string, string> {
  const all = { host: `sts.${region}.amazonaws.com`, 'x-amz-date': amzDate, 'x-amz-security-token': sessionToken, ...changes };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
