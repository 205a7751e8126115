import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { Action } from '#access';
import { ApiProblems } from './api-problems.js';
import { declareRoute } from './route-config.js';

/** Whom a route lets in: everybody, or a principal that may do one named action. */
export type Access = { public: true } | { action: Action };

/** A route that answers everybody, and therefore knows no workspace. */
export const Public = (): MethodDecorator => applyDecorators(declareRoute({ access: { public: true } }), ApiProblems());

/** For acts that lose or expose data: a person must have shown who they are within the last minutes. Machines are not asked. */
export const ConfirmsIdentity = (): MethodDecorator => declareRoute({ confirmsIdentity: true });

/** A route for principals that may do `action`. Handlers take who asks with `@Ctx()`. */
export const Requires = (action: Action): MethodDecorator =>
  applyDecorators(declareRoute({ access: { action } }), ApiBearerAuth('token'), ApiSecurity('apiKey'), ApiProblems());
