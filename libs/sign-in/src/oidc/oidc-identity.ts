/** Who came, as a provider proved it. */
export interface OidcIdentity {
  /** Never reassigned by the provider, and different for each person. */
  subject: string;
  /** Lower case; only when the provider says that it was verified. */
  verifiedEmail: string | undefined;
  name: string | undefined;
  /** Values of the claim that stands for groups. */
  groups: readonly string[];
}

const SUBJECT_CHARACTERS_MAX = 255;
const EMAIL_CHARACTERS_MAX = 254;
const NAME_CHARACTERS_MAX = 200;
const GROUP_CHARACTERS_MAX = 255;
const GROUPS_MAX = 500;

export type Claims = Readonly<Record<string, unknown>>;

/** Undefined when the subject is nothing that could be kept. What else is not as it must be is as good as absent. */
export function readIdentity(claims: Claims, groupsClaim: string | null): OidcIdentity | undefined {
  const { sub, email, email_verified, name } = claims;
  if (!isPlain(sub, SUBJECT_CHARACTERS_MAX)) return undefined;
  const isVerified = email_verified === true && isPlain(email, EMAIL_CHARACTERS_MAX);
  return {
    subject: sub,
    verifiedEmail: isVerified ? email.normalize('NFC').toLowerCase() : undefined,
    name: isPlain(name, NAME_CHARACTERS_MAX) && name.trim() ? name : undefined,
    groups: groupsClaim === null ? [] : readGroups(claims[groupsClaim]),
  };
}

/** One value, or a list of at most 500. */
function readGroups(claim: unknown): string[] {
  const values: unknown[] = Array.isArray(claim) ? claim.slice(0, GROUPS_MAX) : [claim];
  return [...new Set(values.filter((value) => isPlain(value, GROUP_CHARACTERS_MAX)))];
}

function isPlain(value: unknown, charactersMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= charactersMax && value.isWellFormed() && !/\p{Cc}/u.test(value);
}
