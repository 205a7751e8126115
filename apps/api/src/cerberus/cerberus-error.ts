import type { FastifyReply, FastifyRequest } from 'fastify';
import { AwsRefusal, type AwsRefusalReason } from '#sign-in';
import type { ProblemAnswer } from '../http/problem-of.js';

interface CerberusFault {
  status: number;
  /** Cerberus's own number for it. */
  code: number;
  message: string;
}

/** Texts that clients look for stand here letter by letter. */
const FAULTS = {
  bad_request: { status: 400, code: 99999, message: 'The request was not valid.' },
  invalid_credentials: { status: 401, code: 99106, message: 'Invalid credentials' },
  not_an_iam_principal: { status: 400, code: 99996, message: 'The IAM principal cannot be used here.' },
  unknown_iam_principal: { status: 400, code: 99216, message: 'The IAM principal ARN is not in any safe deposit box:' },
  headers_missing: { status: 400, code: 99236, message: 'The signed headers Authorization and x-amz-date are required, once each.' },
  signature_mismatch: { status: 400, code: 99237, message: 'The request signature does not match.' },
  expired_token: { status: 401, code: 99238, message: 'The security token included in the request is expired.' },
  too_many_requests: { status: 429, code: 150, message: 'Too many requests.' },
  unavailable: { status: 503, code: 99997, message: 'The service is unavailable.' },
  internal: { status: 500, code: 99998, message: 'An internal error occurred.' },
} as const satisfies Record<string, CerberusFault>;
type FaultName = keyof typeof FAULTS;

const OF_REFUSALS: Readonly<Record<AwsRefusalReason, FaultName>> = {
  malformed: 'invalid_credentials',
  unknown_region: 'bad_request',
  not_fresh: 'signature_mismatch',
  audience_not_signed: 'invalid_credentials',
  token_not_signed: 'invalid_credentials',
  signature_mismatch: 'signature_mismatch',
  expired_token: 'expired_token',
  refused: 'invalid_credentials',
  unintelligible: 'unavailable',
  unavailable: 'unavailable',
  busy: 'unavailable',
  unusable_identity: 'not_an_iam_principal',
  not_granted: 'unknown_iam_principal',
  replayed: 'invalid_credentials',
};

/** A request that says too little to be asked about. */
export class CerberusError extends Error {
  override readonly name = 'CerberusError';
  readonly statusCode: number;
  constructor(readonly fault: FaultName) {
    super(fault);
    this.statusCode = FAULTS[fault].status;
  }
}

/** Any failure, as Cerberus's clients know failures: `{ error_id, errors: [{ code, message }] }`. */
export function sendCerberusError(reply: FastifyReply, request: FastifyRequest, error: unknown, problem: ProblemAnswer): void {
  if (reply.sent) return;
  const { status, code, message } = FAULTS[faultOf(error, problem)];
  request.problemCode = problem.code;
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds);
  void reply
    .code(status)
    .headers({ ...CERBERUS_HEADERS, error_uid: request.id })
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error_id: request.id, errors: [{ code, message: withArn(message, error) }] }));
}

/** On every answer: some clients would sign in again at any other value. */
export const CERBERUS_HEADERS = { 'x-refresh-token': 'false' } as const;

function faultOf(error: unknown, { status }: ProblemAnswer): FaultName {
  if (error instanceof CerberusError) return error.fault;
  if (error instanceof AwsRefusal) return OF_REFUSALS[error.reason];
  if (status === 429) return 'too_many_requests';
  if (status < 500) return 'bad_request';
  return status === 503 ? 'unavailable' : 'internal';
}

/** The caller has proved to be who it is: it learns nothing. */
function withArn(message: string, error: unknown): string {
  const arn = error instanceof AwsRefusal && error.reason === 'not_granted' ? error.found.caller?.arn : undefined;
  return arn === undefined ? message : `${message} ${arn}`;
}
