import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RequestSource } from '#access';

export interface HttpSource extends RequestSource {
  userAgent: string | undefined;
}

/** Where a request came from, for routes that let everybody in. */
export const Source = createParamDecorator((_data: undefined, execution: ExecutionContext): HttpSource => {
  const request = execution.switchToHttp().getRequest<FastifyRequest>();
  return { requestId: request.id, sourceAddress: request.ip, userAgent: request.headers['user-agent'] };
});
