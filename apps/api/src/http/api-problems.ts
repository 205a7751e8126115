import { applyDecorators } from '@nestjs/common';
import { ApiDefaultResponse, ApiExtraModels, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem.dto.js';

/** Tells in the document that the operation can answer with a problem. Generated clients need it to type their errors. */
export const ApiProblems = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(Problem),
    ApiDefaultResponse({
      description: 'A problem; `code` says which.',
      content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
    }),
  );
