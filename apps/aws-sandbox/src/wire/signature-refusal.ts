/** Why a signature is not believed; each protocol has its own name and status for it. */
export const SIGNATURE_REFUSALS = {
  missing: { json: 'MissingAuthenticationTokenException', query: 'MissingAuthenticationToken', queryStatus: 403 },
  incomplete: { json: 'IncompleteSignatureException', query: 'IncompleteSignature', queryStatus: 400 },
  unknownToken: { json: 'UnrecognizedClientException', query: 'InvalidClientTokenId', queryStatus: 403 },
  expiredToken: { json: 'ExpiredTokenException', query: 'ExpiredToken', queryStatus: 403 },
  mismatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch', queryStatus: 403 },
} as const;
export type SignatureRefusalReason = keyof typeof SIGNATURE_REFUSALS;

export class SignatureRefusal extends Error {
  constructor(
    readonly reason: SignatureRefusalReason,
    message: string,
  ) {
    super(message);
  }
}
