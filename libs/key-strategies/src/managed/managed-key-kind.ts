import type { KeyKind } from '../kms-keys/key-kind.js';

const ASK_THE_OPERATOR =
  'The operator of this service keeps this key, and nothing need be changed in an account of yours. Tell them the cause and the AWS request id.';

/** In the platform's own account the role lets in nobody but us: there is no other customer whom an external ID could confuse. */
export const MANAGED_KEY: KeyKind = { provesExternalId: false, remedyFor: () => ASK_THE_OPERATOR };
