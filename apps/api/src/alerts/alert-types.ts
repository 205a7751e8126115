import { applyDecorators } from '@nestjs/common';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { ALERT_TYPES } from '#audit';

/** Types of events that somebody can be told of, each once. */
export const AlertTypes = (): PropertyDecorator =>
  applyDecorators(IsArray(), ArrayMaxSize(ALERT_TYPES.length), ArrayUnique(), IsIn(ALERT_TYPES, { each: true }));
