import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Matches, MaxLength } from 'class-validator';

/** A path on this host, with query and fragment: what a browser would take for another host is none. */
export const OWN_PATH = /^\/(?![/\\])[\w\-.~!$&'()*+,;=:@%/?#]*$/;
const CHARACTERS_MAX = 512;

export const OwnPath = (): PropertyDecorator =>
  applyDecorators(
    Matches(OWN_PATH, { message: 'must be a path on this host' }),
    MaxLength(CHARACTERS_MAX, { message: `must be at most ${CHARACTERS_MAX} characters` }),
    ApiProperty({ required: false, maxLength: CHARACTERS_MAX, example: '/boxes' }),
  );
