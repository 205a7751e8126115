import { type Caller } from '../iam/caller.js';
import { type IamState } from '../iam/iam-state.js';
import { type XmlValue, xmlElement } from './xml.js';

/** One authenticated call of a query API (STS, IAM). `params` holds each parameter once; `now` is the sandbox clock in ms. */
export interface QueryCall {
  caller: Caller;
  params: URLSearchParams;
  now: number;
  state: IamState;
  requestId: string;
  /** of the credential scope */
  region: string;
  sourceIp: string;
}

/** The content of `<…Result>`; undefined when the operation's answer has no result element (most writes of IAM). */
export type QueryResult = Readonly<Record<string, XmlValue>> | undefined;
export type QueryOperation = (call: QueryCall) => QueryResult;

/** A refusal on the wire: `code` as AWS names it for this service (`AccessDenied`, `NoSuchEntity`, …). */
export class AwsQueryError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}

export const QUERY_NAMESPACES = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
} as const;
export type QueryService = keyof typeof QUERY_NAMESPACES;

export interface QueryAnswer {
  contentType: string;
  body: string;
}

/** STS alone answers in JSON when asked to; IAM has XML only. */
export const wantsJson = (service: QueryService, accept: string | undefined): boolean =>
  service === 'sts' && accept?.split(',')[0]?.split(';')[0]?.trim().toLowerCase() === 'application/json';

export function queryAnswer(service: QueryService, operation: string, result: QueryResult, requestId: string, json: boolean): QueryAnswer {
  const inner = { ...(result && { [`${operation}Result`]: result }), ResponseMetadata: { RequestId: requestId } };
  if (json) return jsonAnswer({ [`${operation}Response`]: inner });
  return xmlAnswer(xmlElement(`${operation}Response`, inner, QUERY_NAMESPACES[service]));
}

export function queryErrorAnswer(service: QueryService, error: AwsQueryError, requestId: string, json: boolean): QueryAnswer {
  const type = error.status >= 500 ? 'Receiver' : 'Sender';
  if (json) return jsonAnswer({ Error: { Code: error.code, Message: error.message, Type: type }, RequestId: requestId });
  const inner = { Error: { Type: type, Code: error.code, Message: error.message }, RequestId: requestId };
  return xmlAnswer(xmlElement('ErrorResponse', inner, QUERY_NAMESPACES[service]));
}

const xmlAnswer = (body: string): QueryAnswer => ({ contentType: 'text/xml', body });
const jsonAnswer = (body: unknown): QueryAnswer => ({ contentType: 'application/json', body: JSON.stringify(body) });
