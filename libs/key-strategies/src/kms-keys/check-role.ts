import type { CustomerKey, CustomerKms, Trail } from '#aws';
import { askAws } from './ask-aws.js';
import { failed, failedBy, type Finding, passed, restingOn } from './finding.js';

/** The role lets us in with the right external ID, and acts in the account that was given. */
export async function checkRole(aws: CustomerKms, key: CustomerKey, trail: Trail): Promise<{ findings: Finding[]; isOpen: boolean }> {
  const proof = await askAws(trail, (calls) => aws.proveRole(key, calls));
  if ('error' in proof) return { findings: [failedBy(proof.error, 'assume_role')], isOpen: false };
  // The kept session stands in while STS cannot be asked: the key's own Regions can still answer for themselves.
  if (proof.value === 'kept') return { findings: [failed('assume_role', 'sts_unreachable')], isOpen: true };
  const account = await checkAccount(aws, key, trail);
  return {
    findings: [restingOn(proof.requestId, passed('assume_role')), account],
    isOpen: account.ok || account.cause !== 'caller_account_mismatch',
  };
}

async function checkAccount(aws: CustomerKms, key: CustomerKey, trail: Trail): Promise<Finding> {
  const account = await askAws(trail, (calls) => aws.callerAccount(key, calls));
  if ('error' in account) return failedBy(account.error, 'caller_account');
  const isAsGiven = account.value === key.accountId;
  return restingOn(account.requestId, isAsGiven ? passed('caller_account') : failed('caller_account', 'caller_account_mismatch'));
}
