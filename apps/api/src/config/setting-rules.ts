import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min, type ValidationArguments } from 'class-validator';
import { variableOf } from './variables.js';

/** The sentence for a value that is not as it must be. It names the variable and never repeats the value. */
export const must = (text: string): { message: (args: ValidationArguments) => string } => ({
  message: ({ property }) => `${variableOf(property)} must be ${text}.`,
});

/** Digits and nothing else: Number() would take spaces, signs, exponents and the empty text. */
export function WholeNumber(min: number, max: number): PropertyDecorator {
  const range = must(`a whole number from ${min} to ${max}`);
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)),
    IsInt(range),
    Min(min, range),
    Max(max, range),
  );
}
