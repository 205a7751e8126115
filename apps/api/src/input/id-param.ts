import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AlertError } from '#alerts';
import { BoxError } from '#boxes';
import { ApiKeyError } from '#api-keys';
import { ItemError } from '#items';
import { JobError } from '#jobs';
import { IdentityProviderError, SignInError } from '#sign-in';
import { MemberError } from '#members';
import { OnboardingError } from '#onboarding';
import { VaultError } from '#vaults';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const isId = (text: string): boolean => UUID.test(text);

/** An id in the path. One that cannot be an id is answered like one that is not there. */
function idParam(name: string, absent: () => Error) {
  return createParamDecorator((_data: undefined, execution: ExecutionContext): string => {
    const id = idIn(execution, name);
    if (id === undefined) throw absent();
    return id;
  });
}

/** No id that was ever given. */
const NIL = '00000000-0000-0000-0000-000000000000';

/** An id behind something else: whether that is there, and open to the caller, is told first. */
const innerIdParam = (name: string) =>
  createParamDecorator((_data: undefined, execution: ExecutionContext): string => idIn(execution, name) ?? NIL);

function idIn(execution: ExecutionContext, name: string): string | undefined {
  const id = (execution.switchToHttp().getRequest<FastifyRequest>().params as Record<string, string | undefined>)[name];
  return id !== undefined && isId(id) ? id : undefined;
}

export const VaultId = idParam('vaultId', () => new VaultError('vault_not_found'));
export const DrillId = innerIdParam('drillId');
export const PurgeId = innerIdParam('purgeId');
export const ProviderId = idParam('providerId', () => new IdentityProviderError('identity_provider_not_found'));
/** Where a sign-in comes back to: whether it was begun is told first. */
export const ReturnProviderId = innerIdParam('providerId');
export const SessionId = idParam('sessionId', () => new SignInError('session_not_found'));
export const ItemId = idParam('itemId', () => new ItemError('item_not_found'));
export const JobId = idParam('jobId', () => new JobError('job_not_found'));
export const MemberId = idParam('memberId', () => new MemberError('member_not_found'));
export const GroupId = idParam('groupId', () => new MemberError('group_not_found'));
export const BoxId = idParam('boxId', () => new BoxError('box_not_found'));
export const WebhookId = idParam('webhookId', () => new AlertError('webhook_not_found'));
export const DeliveryId = innerIdParam('deliveryId');
export const GrantId = innerIdParam('grantId');
export const ApiKeyId = idParam('apiKeyId', () => new ApiKeyError('api_key_not_found'));
export const SetupLinkId = idParam('linkId', () => new OnboardingError('setup_link_not_found'));
export const ProposalId = idParam('proposalId', () => new OnboardingError('setup_proposal_not_found'));
