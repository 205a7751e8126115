import { authorizeKms, type ConditionContext } from '../authorize.js';
import { type Caller } from '../caller.js';
import { CUSTOMER, KEY_ARN, type TwoAccounts } from './two-accounts.js';

/** The statement of KMS's default key policy. */
export const DELEGATED = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${CUSTOMER}:root` }, Action: 'kms:*', Resource: '*' };
export const MAY_DECRYPT = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY_ARN };
export const MAY_ALL = { Effect: 'Allow', Action: '*', Resource: '*' };

/** Asks for one KMS action, kms:Decrypt by default; `allowed`, or the text of the refusal. */
export const decryptQuestion =
  (accounts: TwoAccounts) =>
  (caller: Caller, keyPolicy: object[], context: ConditionContext = {}, action = 'kms:Decrypt'): string => {
    const policy = accounts.keyPolicy(...keyPolicy);
    const ask = { caller, action, keyArn: KEY_ARN, keyAccountId: CUSTOMER, keyPolicy: policy, context };
    const decision = authorizeKms(accounts.state, ask);
    return decision.allowed ? 'allowed' : decision.message;
  };

export const BECAUSE = {
  identity: 'because no identity-based policy allows the kms:Decrypt action',
  resource: 'because no resource-based policy allows the kms:Decrypt action',
  session: 'because no session policy allows the kms:Decrypt action',
  identityDeny: 'with an explicit deny in an identity-based policy',
  resourceDeny: 'with an explicit deny in a resource-based policy',
  sessionDeny: 'with an explicit deny in a session policy',
} as const;

export const refusal = (caller: Caller, reason: string): string =>
  `User: ${caller.arn} is not authorized to perform: kms:Decrypt on resource: ${KEY_ARN} ${reason}`;
