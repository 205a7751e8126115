import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { Action } from '#access';
import { ApiProblems } from './api-problems.js';
import { declareRoute } from './route-config.js';

/** Whom a route lets in: everybody, or a principal that may do one named action. */
export type Access = { public: true } | { action: Action };

/** A route that answers everybody, and therefore knows no workspace. */
export const Public = (): MethodDecorator => applyDecorators(declareRoute({ access: { public: true } }), ApiProblems());

/** A route for principals that may do `action`. Handlers take who asks with `@Ctx()`. */
export const Requires = (action: Action): MethodDecorator =>
  applyDecorators(declareRoute({ access: { action } }), ApiBearerAuth('token'), ApiSecurity('apiKey'), ApiProblems());
