/** What the SDK's rejection tells about the answer of AWS, if there was one. */
export interface FailedAnswer {
  /** Exception name as AWS sent it, or the SDK's name for a transport failure. */
  name: string;
  /** AWS's own text; empty when it was not AWS that spoke, because a syntax error quotes the answer, plaintext included. */
  message: string;
  /** Undefined when no answer came. */
  status?: number;
  requestId?: string;
  /** The SDK found its clock wrong by minutes and corrected it: the same client may try again. */
  clockCorrected: boolean;
}

const NAME = /^[\w.-]{1,100}$/;

/** Names that stand for an answer without a readable exception in it. */
const GARBAGE_NAMES = new Set(['Error', 'SyntaxError', 'TypeError', 'RangeError', 'UnknownError', 'Unknown', '']);

export function failedAnswer(rejection: unknown): FailedAnswer {
  const error = asRecord(rejection);
  const metadata = asRecord(error.$metadata);
  const answer = {
    name: nameOf(error),
    message: textOf(error.message),
    ...(typeof metadata.httpStatusCode === 'number' && { status: metadata.httpStatusCode }),
    ...(typeof metadata.requestId === 'string' && { requestId: metadata.requestId }),
    clockCorrected: metadata.clockSkewCorrected === true,
  };
  return isIntelligible(answer) ? answer : { ...answer, message: '' };
}

/** Errors of the transport are told apart by their code: the SDK calls a reset connection a TimeoutError. */
function nameOf(error: Record<string, unknown>): string {
  const name = textOf(error.code) || textOf(error.name);
  return NAME.test(name) ? name : '';
}

/** Whether AWS itself spoke: an answer arrived and carried a readable exception name. */
export function isIntelligible(answer: FailedAnswer): boolean {
  return answer.status !== undefined && !GARBAGE_NAMES.has(answer.name);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
