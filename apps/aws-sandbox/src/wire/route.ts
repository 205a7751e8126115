import { type QueryService } from './aws-query.js';
import { header, type ReceivedRequest } from './received-request.js';

/** Which operation a request is for, as the request itself says. */
export type Route =
  | { protocol: 'json'; service: 'kms' | 'cloudtrail'; operation: string }
  | { protocol: 'query'; service: QueryService; operation: string; params: URLSearchParams };

const JSON_TARGETS: Readonly<Record<string, 'kms' | 'cloudtrail'>> = {
  TrentService: 'kms',
  CloudTrail_20131101: 'cloudtrail',
  'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101': 'cloudtrail',
};
const QUERY_VERSIONS: Readonly<Record<string, QueryService>> = { '2011-06-15': 'sts', '2010-05-08': 'iam' };

/** @returns undefined when the request is for no service of the sandbox */
export function routeOf(request: ReceivedRequest): Route | undefined {
  if (request.path !== '/') return undefined;
  const target = header(request, 'x-amz-target');
  return target === undefined ? queryRoute(request) : jsonRoute(request, target);
}

function jsonRoute(request: ReceivedRequest, target: string): Route | undefined {
  const dot = target.lastIndexOf('.');
  const service = JSON_TARGETS[target.slice(0, Math.max(dot, 0))];
  if (service === undefined || request.method !== 'POST' || mediaType(request) !== 'application/x-amz-json-1.1') return undefined;
  return { protocol: 'json', service, operation: target.slice(dot + 1) };
}

/** POST with a form, or GET with the same parameters in the query string. */
function queryRoute(request: ReceivedRequest): Route | undefined {
  const form = request.method === 'POST' && mediaType(request) === 'application/x-www-form-urlencoded';
  if (!form && request.method !== 'GET') return undefined;
  const params = new URLSearchParams(form ? request.body.toString('utf8') : request.rawQuery);
  const service = QUERY_VERSIONS[params.get('Version') ?? ''];
  const operation = params.get('Action');
  return service && operation ? { protocol: 'query', service, operation, params } : undefined;
}

const mediaType = (request: ReceivedRequest): string | undefined => header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
