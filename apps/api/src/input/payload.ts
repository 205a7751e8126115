import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { registerDecorator } from 'class-validator';

/**
 * A JSON object of the caller's own making. It is taken over as it was parsed: the transformation that makes classes of bodies
 * would lose some of its keys.
 */
export function IsPayload(options: { required?: boolean } = {}): PropertyDecorator {
  return applyDecorators(
    Transform(({ obj, key }) => (obj as Record<string, unknown>)[key] ?? undefined),
    isPlainObject(),
    ApiProperty({
      type: 'object',
      additionalProperties: true,
      required: (options.required ?? true) as never,
      description: 'What is sealed: a JSON object, at most 1 MiB as JSON text. The whole body is at most 32 levels deep.',
      example: { username: 'deploy', password: 'correct horse battery staple' },
    }),
  );
}

function isPlainObject(): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isPayload',
      target: target.constructor,
      propertyName: property as string,
      options: { message: 'must be a JSON object' },
      validator: { validate: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) },
    });
  };
}
