import { type ValidationOptions, registerDecorator } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';

const CONTROL_CHARACTERS = /\p{Cc}/u;

/** Text that people and databases can keep: 1 to `charactersMax` characters, well-formed, no control characters, not only blanks. */
export function PlainText(charactersMax: number, options: { required?: boolean } = {}): PropertyDecorator {
  return applyDecorators(
    isPlainText(charactersMax),
    ApiProperty({ minLength: 1, maxLength: charactersMax, required: options.required ?? true }),
  );
}

function isPlainText(charactersMax: number): PropertyDecorator {
  const validator: ValidationOptions = { message: `must be text of 1 to ${charactersMax} characters, without control characters` };
  return (target, property) => {
    registerDecorator({
      name: 'isPlainText',
      target: target.constructor,
      propertyName: property as string,
      options: validator,
      validator: { validate: (value) => typeof value === 'string' && isKept(value, charactersMax) },
    });
  };
}

function isKept(text: string, charactersMax: number): boolean {
  return text.trim().length > 0 && text.length <= charactersMax && text.isWellFormed() && !CONTROL_CHARACTERS.test(text);
}
