import { Transform } from 'class-transformer';

/** Text in which case says nothing is kept in lower case. */
export const LowerCase = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value));
