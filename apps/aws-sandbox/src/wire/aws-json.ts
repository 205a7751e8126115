/** A refusal of a JSON service (KMS, CloudTrail). Without a message the answer has none, as with InvalidCiphertextException. */
export class AwsJsonError extends Error {
  readonly code: string;
  readonly status: number;
  readonly text: string | undefined;

  constructor(code: string, text?: string, status = 400) {
    super(text ?? code);
    this.name = code;
    this.code = code;
    this.text = text;
    this.status = status;
  }
}

/** The front end's errors spell their message with a capital letter, the services' own do not. */
const CAPITAL_MESSAGE: ReadonlySet<string> = new Set(['AccessDeniedException', 'SerializationException']);

export const JSON_CONTENT_TYPE = 'application/x-amz-json-1.1';

export function jsonErrorBody(error: AwsJsonError): Record<string, string> {
  if (error.text === undefined) return { __type: error.code };
  return { __type: error.code, [CAPITAL_MESSAGE.has(error.code) ? 'Message' : 'message']: error.text };
}
