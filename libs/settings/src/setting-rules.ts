import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min, registerDecorator, type ValidationArguments } from 'class-validator';
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

/** An http or https origin, as a URL parser writes it: nothing behind the port. */
export function IsOrigin(text: string): PropertyDecorator {
  return checked('isOrigin', text, isOrigin);
}

/** https origins with commas between them, as a list. */
export function OriginList(text: string): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',').map((origin) => origin.trim()) : value)),
    checked(
      'originList',
      text,
      (value) =>
        Array.isArray(value) &&
        value.length <= ORIGINS_MAX &&
        value.every((origin) => isOrigin(origin) && String(origin).startsWith('https:')),
    ),
  );
}

const ORIGINS_MAX = 20;

const isOrigin = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;

function checked(name: string, text: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return (target, property) => {
    registerDecorator({ name, target: target.constructor, propertyName: property as string, options: must(text), validator: { validate } });
  };
}
