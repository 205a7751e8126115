import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ItemError } from '#items';
import { IdentityProviderError } from '#sign-in';
import { MemberError } from '#members';
import { VaultError } from '#vaults';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id in the path. One that cannot be an id is answered like one that is not there. */
function idParam(name: string, absent: () => Error) {
  return createParamDecorator((_data: undefined, execution: ExecutionContext): string => {
    const id = (execution.switchToHttp().getRequest<FastifyRequest>().params as Record<string, string | undefined>)[name];
    if (id === undefined || !UUID.test(id)) throw absent();
    return id;
  });
}

export const VaultId = idParam('vaultId', () => new VaultError('vault_not_found'));
export const ProviderId = idParam('providerId', () => new IdentityProviderError('identity_provider_not_found'));
export const ItemId = idParam('itemId', () => new ItemError('item_not_found'));
export const MemberId = idParam('memberId', () => new MemberError('member_not_found'));
export const GroupId = idParam('groupId', () => new MemberError('group_not_found'));
