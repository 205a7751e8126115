import { type ValidationOptions, registerDecorator } from 'class-validator';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

/** A moment as RFC 3339 writes it, that exists. */
export function IsInstant(): PropertyDecorator {
  const options: ValidationOptions = { message: 'must be a time like 2026-01-31T12:00:00Z' };
  return (target, property) => {
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: property as string,
      options,
      validator: { validate: (value) => typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value)) },
    });
  };
}
