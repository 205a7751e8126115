import { applyDecorators } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { declareRoute } from './route-config.js';

/** A write: a repeat under the same `Idempotency-Key` within 24 hours is answered as the first time, and does not act. */
export const Idempotent = (): MethodDecorator => (target, key, descriptor: PropertyDescriptor) =>
  applyDecorators(
    declareRoute({ idempotentMethod: descriptor.value as object }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Chosen by the caller. The same request under the same key acts once within 24 hours; the answer is repeated.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
      example: '0199c2f0-8a51-7cc0-b0a5-6f1f6c1f9a10',
    }),
  )(target, key, descriptor);
