/** Which policy decided, as far as the text of an AccessDeniedException tells. Only for telling people; nothing is decided by it. */
export type Denial = 'role_policy' | 'key_policy' | 'explicit_deny' | 'unspecified';

const TEXTS: readonly (readonly [RegExp, Denial])[] = [
  [/with an explicit deny/, 'explicit_deny'],
  [/no identity-based policy allows/, 'role_policy'],
  [/no resource-based policy allows/, 'key_policy'],
];

export function denialOf(message: string): Denial {
  return TEXTS.find(([text]) => text.test(message))?.[1] ?? 'unspecified';
}
