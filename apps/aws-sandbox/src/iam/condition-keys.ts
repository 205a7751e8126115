export type ConditionKeyType = 'string' | 'arn' | 'bool' | 'date' | 'ip';

/**
 * Every condition key the sandbox fills in, in lower case; a policy that names another one is refused when it is saved.
 * `aws:` keys come from callerContext and requestContext, except those of tags; the others from the operation that knows them.
 */
const CONDITION_KEYS: Readonly<Record<string, ConditionKeyType>> = {
  'aws:currenttime': 'date',
  'aws:epochtime': 'date',
  'aws:multifactorauthpresent': 'bool',
  'aws:principalaccount': 'string',
  'aws:principalarn': 'arn',
  'aws:principaltype': 'string',
  'aws:requestedregion': 'string',
  'aws:securetransport': 'bool',
  'aws:sourceidentity': 'string',
  'aws:sourceip': 'ip',
  'aws:tagkeys': 'string',
  'aws:tokenissuetime': 'date',
  'aws:userid': 'string',
  'aws:username': 'string',
  'kms:calleraccount': 'string',
  'kms:encryptionalgorithm': 'string',
  // The console's default key policy names it; only grants carry it, and the sandbox has none.
  'kms:grantisforawsresource': 'bool',
  'kms:keyorigin': 'string',
  'kms:keyspec': 'string',
  'kms:keyusage': 'string',
  'kms:multiregion': 'bool',
  'kms:multiregionkeytype': 'string',
  'kms:primaryregion': 'string',
  'kms:replicaregion': 'string',
  'kms:requestalias': 'string',
  'kms:resourcealiases': 'string',
  'kms:viaservice': 'string',
  'sts:externalid': 'string',
  'sts:rolesessionname': 'string',
  'sts:sourceidentity': 'string',
};

/** One key for each tag: of the request, and of the key that is asked for. */
const TAG_KEY = /^aws:(?:requesttag|resourcetag)\/./;

export function conditionKeyType(lowerCaseKey: string): ConditionKeyType | undefined {
  if (TAG_KEY.test(lowerCaseKey)) return 'string';
  return Object.hasOwn(CONDITION_KEYS, lowerCaseKey) ? CONDITION_KEYS[lowerCaseKey] : undefined;
}

/** The keys that may stand in a policy as a variable, `${aws:userid}`. */
export const POLICY_VARIABLES: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principaltype',
  'aws:sourceidentity',
  'aws:userid',
  'aws:username',
]);
