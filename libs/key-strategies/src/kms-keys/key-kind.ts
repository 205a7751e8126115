import type { Failure, Warning } from './causes.js';
import type { RemedyFacts } from './remedy.js';
import { remedyFor } from './remedy.js';

/** Whose key it is that KMS holds: what must be proved of the way to it, and who can remedy what. */
export interface KeyKind {
  /** Whether the role must refuse us without the right external ID. */
  readonly provesExternalId: boolean;
  readonly remedyFor: (cause: Failure | Warning, facts: RemedyFacts) => string;
}

export const CUSTOMER_KEY: KeyKind = { provesExternalId: true, remedyFor };
