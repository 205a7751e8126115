import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, MaxLength } from 'class-validator';

const kept = (value: unknown): unknown => (typeof value === 'string' ? value.normalize('NFC').toLowerCase() : value);

/** A list of addresses, each kept in lower case. */
export const Emails = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(kept) : value)),
    IsEmail({}, { each: true, message: 'must be e-mail addresses' }),
    MaxLength(254, { each: true, message: 'must be of at most 254 characters each' }),
  );
