import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { credentialOf } from './credential.js';

/** The credential that the guard let in, for what concerns the credential itself. */
export const SessionToken = createParamDecorator((_data: undefined, execution: ExecutionContext): string => {
  const credential = credentialOf(execution.switchToHttp().getRequest<FastifyRequest>().raw);
  if (!credential) throw new Error('this route asks for a credential, and lets everybody in');
  return credential.token;
});
