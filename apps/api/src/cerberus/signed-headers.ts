import type { FastifyRequest } from 'fastify';
import type { SignedIdentity } from '#aws';
import { headerCount } from '../http/header-count.js';

const READ = ['authorization', 'x-amz-date', 'x-amz-security-token'] as const;
/** May stand there and mean nothing: some signers send the first, CloudFront the second. */
const IGNORED: ReadonlySet<string> = new Set(['x-amz-content-sha256', 'x-amz-cf-id']);

/**
 * What a client of Cerberus signed: three headers, once each. Undefined without the first two, and for what could be read in two
 * ways: other parts of AWS's scheme, in headers or, as in a presigned address, in the query.
 */
export function signedHeaders({ raw, headers, query }: FastifyRequest): SignedIdentity | undefined {
  const [authorization, amzDate, securityToken] = READ.map((name) => headers[name]);
  if (typeof authorization !== 'string' || typeof amzDate !== 'string') return undefined;
  if (READ.some((name) => headerCount(raw, name) > 1)) return undefined;
  if (Object.keys(headers).some(isStrange) || Object.keys(query as object).some(isOfAws)) return undefined;
  return { authorization, amzDate, ...(typeof securityToken === 'string' && { securityToken }) };
}

const isOfAws = (name: string): boolean => name.toLowerCase().startsWith('x-amz-');
const isStrange = (name: string): boolean => isOfAws(name) && !IGNORED.has(name) && !(READ as readonly string[]).includes(name);
