import { HttpStatus } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import type { RouteOptions } from 'fastify';
import type { Action } from '#access';
import { BODY_BYTES_MAX } from './takes-body.js';

/** Sees every route that is registered, Nest's and Fastify's own, gives it its bound, and knows which ones say too little. */
export class RouteRegister {
  readonly #faults: string[] = [];

  /** Fastify's `onRoute` hook: what it changes is what the router gets. */
  readonly onRoute = (route: RouteOptions): void => {
    const config = (route.config ??= {});
    route.bodyLimit = BODY_BYTES_MAX[config.body ?? 'small'];
    config.successStatus = successStatus(route);
    const fault = faultOf(route);
    if (fault) this.#faults.push(`${String(route.method)} ${route.url} ${fault}`);
  };

  /** Throws an error that names every route without a declaration. To be called before the server listens. */
  assertDeclared(): void {
    if (this.#faults.length > 0) throw new Error(`These routes must not be served:\n${this.#faults.join('\n')}`);
  }
}

/** Of callers that name no workspace: the operator, who is in none, and links, whose one is told by their token alone. */
const OUTSIDE_OF_WORKSPACES: ReadonlySet<Action> = new Set(['workspace:create', 'aws_setup:answer']);

function faultOf({ config, url }: RouteOptions): string | undefined {
  const access = config?.access;
  if (!access) return 'declares neither @Public() nor @Requires(…)';
  const isOfWorkspace = url.includes(':workspaceId');
  if ('public' in access) return isOfWorkspace ? 'is public and belongs to a workspace' : undefined;
  if (isOfWorkspace === OUTSIDE_OF_WORKSPACES.has(access.action)) return `requires ${access.action}, which does not suit its path`;
  return undefined;
}

/** As Nest decides it: `@HttpCode`, or 201 for POST and 200 for the rest. */
function successStatus({ config, method }: RouteOptions): number {
  const declared: unknown = config?.idempotentMethod && Reflect.getMetadata(HTTP_CODE_METADATA, config.idempotentMethod);
  if (typeof declared === 'number') return declared;
  return method === 'POST' ? HttpStatus.CREATED : HttpStatus.OK;
}
