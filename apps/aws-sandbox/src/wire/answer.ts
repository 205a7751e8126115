import { AwsJsonError, JSON_CONTENT_TYPE, jsonErrorBody } from './aws-json.js';
import { AwsQueryError, queryAnswer, queryErrorAnswer, type QueryResult, wantsJson } from './aws-query.js';
import { header, type ReceivedRequest } from './received-request.js';
import { type Route } from './route.js';
import { SIGNATURE_REFUSALS, SignatureRefusal } from './signature-refusal.js';

/** What goes back over the wire. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
  /** for the ledger: `ok` or the error's name */
  outcome: string;
}

export const jsonOk = (body: Readonly<Record<string, unknown>>): Answer => ({
  status: 200,
  contentType: JSON_CONTENT_TYPE,
  body: JSON.stringify(body),
  outcome: 'ok',
});

export function queryOk(request: ReceivedRequest, route: Extract<Route, { protocol: 'query' }>, result: QueryResult): Answer {
  const json = wantsJson(route.service, header(request, 'accept'));
  return { status: 200, outcome: 'ok', ...queryAnswer(route.service, route.operation, result, request.requestId, json) };
}

/** Any refusal, in the words of the protocol that was spoken; undefined for an error that nobody foresaw. */
export function refusalAnswer(request: ReceivedRequest, route: Route | undefined, error: unknown): Answer | undefined {
  const wired = error instanceof SignatureRefusal ? signatureError(route, error) : error;
  if (wired instanceof AwsJsonError) return jsonRefusal(wired);
  if (!(wired instanceof AwsQueryError) || route?.protocol !== 'query') return undefined;
  const json = wantsJson(route.service, header(request, 'accept'));
  return { status: wired.status, outcome: wired.code, ...queryErrorAnswer(route.service, wired, request.requestId, json) };
}

const jsonRefusal = (error: AwsJsonError): Answer => ({
  status: error.status,
  contentType: JSON_CONTENT_TYPE,
  body: JSON.stringify(jsonErrorBody(error)),
  outcome: error.code,
});

function signatureError(route: Route | undefined, { reason, message }: SignatureRefusal): AwsJsonError | AwsQueryError {
  const names = SIGNATURE_REFUSALS[reason];
  return route?.protocol === 'query' ? new AwsQueryError(names.query, names.queryStatus, message) : new AwsJsonError(names.json, message);
}

/** An error by name and status, as a fault asks for it. */
export function namedError(
  route: Route | undefined,
  code: string,
  status: number,
  message: string | undefined,
): AwsJsonError | AwsQueryError {
  return route?.protocol === 'query' ? new AwsQueryError(code, status, message ?? '') : new AwsJsonError(code, message, status);
}
