import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, HttpError } from './http-error.js';

const ERRORS_MAX = 50;
const FIELD_CHARS_MAX = 120;

/** Bodies, queries and parameters against their classes. What a class does not know is refused. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new HttpError('validation_failed', { errors: fieldErrors(errors) }),
  });
}

/** Names fields and says what they must be; never what they were. */
export function fieldErrors(errors: readonly ValidationError[], path = ''): FieldError[] {
  return errors
    .flatMap((error) => {
      const field = `${path}${error.property}`.slice(0, FIELD_CHARS_MAX);
      return [...ownErrors(error, field), ...fieldErrors(error.children ?? [], `${field}.`)];
    })
    .slice(0, ERRORS_MAX);
}

function ownErrors({ constraints = {} }: ValidationError, field: string): FieldError[] {
  return Object.entries(constraints).map(([rule, message]) => ({
    field,
    // the library's own text repeats a name that the caller made up
    message: rule === 'whitelistValidation' ? 'is not a known field' : message,
  }));
}
