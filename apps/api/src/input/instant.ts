import { type ValidationOptions, registerDecorator } from 'class-validator';

/** The offsets that exist. Leap seconds and 24:00 are left out: they would name another moment than the one next to them. */
const RFC_3339 = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** A moment as RFC 3339 writes it, that exists; from the year 1 on. */
export function IsInstant(): PropertyDecorator {
  const options: ValidationOptions = { message: 'must be a time like 2026-01-31T12:00:00Z' };
  return (target, property) => {
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: property as string,
      options,
      validator: { validate: (value) => typeof value === 'string' && isOnACalendar(RFC_3339.exec(value)?.[1]) },
    });
  };
}

/** `Date` takes the 30th of February for the 2nd of March. */
function isOnACalendar(day: string | undefined): boolean {
  if (day === undefined || day.startsWith('0000')) return false;
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
