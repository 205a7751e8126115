import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { registerDecorator } from 'class-validator';

/** Everything that controls something but a new line. */
const CONTROL_CHARACTERS = /(?!\n)\p{Cc}/u;

/** Text for people, of several lines, that may be empty and may be left out: at most `charactersMax` characters, well-formed. */
export function FreeText(charactersMax: number): PropertyDecorator {
  return applyDecorators(isFreeText(charactersMax), ApiProperty({ maxLength: charactersMax, required: false }));
}

function isFreeText(charactersMax: number): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name: 'isFreeText',
      target: target.constructor,
      propertyName: property as string,
      options: { message: `must be text of at most ${charactersMax} characters, without control characters but new lines` },
      validator: {
        validate: (value) =>
          typeof value === 'string' && value.length <= charactersMax && value.isWellFormed() && !CONTROL_CHARACTERS.test(value),
      },
    });
  };
}
