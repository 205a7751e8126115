const TEXTS = {
  /** Sealed data could not be opened: changed, moved, made under another key, or not ours. Which of these is never told. */
  not_intact: 'sealed data is not intact',
  /** The plaintext to seal is over its limit. */
  payload_too_large: 'the payload is larger than can be sealed',
  /** What the caller said about where the data belongs has not the required shape. Says nothing about sealed data or keys. */
  bad_binding: 'a binding takes lower-case UUIDs, a positive integer version and a context of 1 to 512 well-formed characters',
} as const;

export type EnvelopeErrorCode = keyof typeof TEXTS;

/** One text per code and no cause: an error of OpenSSL's would tell which check failed. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  constructor(readonly code: EnvelopeErrorCode) {
    super(TEXTS[code]);
  }
}
