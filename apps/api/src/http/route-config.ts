import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig } from 'fastify';
import type { RequestContext } from '#access';
import type { Access } from './access.js';
import type { ProblemCode } from './problem.js';
import type { BodyBound } from './takes-body.js';

/** What a route says about itself. It stands in the route's own entry in the router, so no spelling of a path gets around it. */
export interface RouteDeclaration {
  access?: Access;
  body?: BodyBound;
  /** The body is read to its end and thrown away, whatever type it says it has. */
  ignoresBody?: true;
  /** In whose shape failures are answered; a problem where nothing is said. */
  failsAs?: 'cerberus';
  /** Whether a person must have shown a short time ago who they are. */
  confirmsIdentity?: true;
  /** The method that answers, when a repeat under the same `Idempotency-Key` must not act twice. */
  idempotentMethod?: object;
}

declare module 'fastify' {
  interface FastifyContextConfig extends RouteDeclaration {
    /** Status of a success, filled in when the route is registered. */
    successStatus?: number;
  }
  interface FastifyRequest {
    /** Who asks; null on public routes and until the guard has let the request in. */
    ctx: RequestContext | null;
    /** Whom a refusal of this request is put on record for: the caller, or nobody in the workspace that a token claims. */
    refusable: RequestContext | null;
    /** The bytes of the body, kept only while an idempotency key waits for its digest. */
    bodyBytes: Buffer | null;
    /** Code of the problem that was answered; null on success. */
    problemCode: ProblemCode | null;
  }
}

/** Adds to what a handler's route says about itself; `RouteConfig` alone would replace what other decorators said. */
export function declareRoute(part: RouteDeclaration): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor) => {
    const method = descriptor.value as object;
    const said = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, method) as FastifyContextConfig | undefined;
    RouteConfig({ ...said, ...part })(target, key, descriptor);
  };
}
