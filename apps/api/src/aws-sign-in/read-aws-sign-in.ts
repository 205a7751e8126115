import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { AwsSignInOrder } from '#sign-in';
import { AwsSignInDto } from './aws-sign-in.dto.js';

/** No workspace has it: whoever names none, or what cannot be one, is refused like everybody who names one that is not there. */
export const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000';

const WORKSPACE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const claimedWorkspace = (text: unknown): string => (typeof text === 'string' && WORKSPACE_ID.test(text) ? text : NO_WORKSPACE);

/** What a body says; nothing is signed in a body that is not exactly as described. */
export function readAwsSignIn(body: unknown): Pick<AwsSignInOrder, 'workspaceId' | 'signed'> {
  const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const workspaceId = claimedWorkspace('workspaceId' in given ? given.workspaceId : undefined);
  const order = plainToInstance(AwsSignInDto, given);
  const errors = validateSync(order, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  if (errors.length > 0) return { workspaceId, signed: undefined };
  const { region, authorization, amzDate, securityToken } = order;
  return { workspaceId, signed: { region, authorization, amzDate, ...(securityToken != null && { securityToken }) } };
}
