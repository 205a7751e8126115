import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength } from 'class-validator';

/** An address, kept in lower case: two spellings of one must not be two people. */
export const Email = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.normalize('NFC').toLowerCase() : value)),
    IsEmail({}, { message: 'must be an e-mail address' }),
    MaxLength(254, { message: 'must be at most 254 characters' }),
  );
