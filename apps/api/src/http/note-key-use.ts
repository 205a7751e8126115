import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyUses } from '#api-keys';

/** Once a request of a service is answered, granted or refused, its key was used. */
export function noteKeyUse(uses: KeyUses): (request: FastifyRequest, reply: FastifyReply, done: () => void) => void {
  return ({ refusable }, _reply, done) => {
    if (refusable?.principal.kind === 'api_key') uses.used(refusable.workspaceId, refusable.principal.id);
    done();
  };
}
