import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, HttpError } from './http-error.js';

const ERRORS_MAX = 50;
const FIELD_CHARS_MAX = 120;
const UNKNOWN_FIELD = 'is not a known field';

/** Bodies, queries and parameters against their classes. What a class does not know is refused. */
export class StrictValidation extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => new HttpError('validation_failed', { errors: fieldErrors(errors) }),
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    refuseInheritedNames(value);
    return super.transform(value, metadata);
  }

  /** Nest's own takes `prototype` out of everything, payloads too. What is dangerous was refused by the parser; the rest is data. */
  protected override stripProtoKeys(): void {
    // nothing is lost
  }
}

/** The transformation drops fields that are named like something every object has, `toString` say, before anything can refuse them. */
function refuseInheritedNames(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const errors = Object.keys(value)
    .filter((field) => field in Object.prototype)
    .map((field) => ({ field, message: UNKNOWN_FIELD }));
  if (errors.length > 0) throw new HttpError('validation_failed', { errors });
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
    message: rule === 'whitelistValidation' ? UNKNOWN_FIELD : message,
  }));
}
