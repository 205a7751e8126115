import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID } from 'class-validator';

const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** An id in a body, however it is spelled; kept in the one spelling that the database answers, since MACs are made over it. */
export const Id = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => lowerCase(value) ?? undefined),
    IsUUID(undefined, { message: 'must be a UUID' }),
  );
