import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RequestContext } from '#access';

/** Who asks, as the guard found it. A handler of a public route has nobody to ask for: it fails, and does not act as anybody. */
export const Ctx = createParamDecorator((_data: undefined, execution: ExecutionContext): RequestContext => {
  const { ctx } = execution.switchToHttp().getRequest<FastifyRequest>();
  if (!ctx) throw new Error('this route asks who calls, and lets everybody in');
  return ctx;
});
