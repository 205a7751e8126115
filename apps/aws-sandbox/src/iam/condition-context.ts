import { type Caller } from './caller.js';

/** What is known of a request; condition keys in lower case. A list marks a multivalued key, even when it holds one value. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** The keys every request has, whoever calls. `now` is the sandbox's clock in milliseconds. */
export function requestContext({ now, region, sourceIp }: { now: number; region: string; sourceIp: string }): ConditionContext {
  return {
    'aws:currenttime': new Date(now).toISOString(),
    'aws:epochtime': String(Math.floor(now / 1000)),
    'aws:requestedregion': region,
    'aws:sourceip': sourceIp,
    // The sandbox listens on the loopback without TLS but stands for endpoints that have nothing else.
    'aws:securetransport': 'true',
  };
}

/** The keys that follow from who calls. */
export function callerContext(caller: Caller): ConditionContext {
  return { 'aws:principalaccount': caller.accountId, 'aws:userid': caller.userId, ...identityContext(caller) };
}

function identityContext(caller: Caller): ConditionContext {
  switch (caller.kind) {
    case 'root':
      return { 'aws:principalarn': caller.arn, 'aws:principaltype': 'Account' };
    case 'user':
      return { 'aws:principalarn': caller.arn, 'aws:principaltype': 'User', 'aws:username': caller.userName };
    case 'federated':
      return {
        'aws:principalarn': caller.arn,
        'aws:principaltype': 'FederatedUser',
        'aws:tokenissuetime': new Date(caller.issuedAt).toISOString(),
        'aws:multifactorauthpresent': 'false',
      };
    case 'session':
      return {
        'aws:principalarn': caller.roleArn,
        'aws:principaltype': 'AssumedRole',
        'aws:tokenissuetime': new Date(caller.issuedAt).toISOString(),
        // Only temporary credentials carry this key at all.
        'aws:multifactorauthpresent': 'false',
        ...(caller.sourceIdentity !== undefined && { 'aws:sourceidentity': caller.sourceIdentity }),
      };
  }
}
