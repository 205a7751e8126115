import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { sendCerberusError } from '../cerberus/cerberus-error.js';
import { problemOf } from './problem-of.js';
import type { Refusals } from './refusals.js';
import { sendProblem } from './send-problem.js';

/**
 * Every error of every route ends here: those of handlers, of the guard, of Fastify's parser, and unknown addresses. A refusal
 * is on record before it is told; when that fails it is a refusal all the same.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Logger,
    private readonly refusals: Refusals,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = problemOf(error);
    if (problem.status >= 500) this.#report(error, request, problem.code);
    if (this.refusals.concerns(request, error))
      await this.refusals.record(request, problem.code).catch((err: unknown) => this.#report(err, request, 'refusal_not_recorded'));
    const reply = http.getResponse<FastifyReply>();
    if (request.routeOptions.config.failsAs === 'cerberus') sendCerberusError(reply, request, error, problem);
    else sendProblem(reply, request, problem);
  }

  #report(err: unknown, request: FastifyRequest, code: string): void {
    const level = code === 'internal' ? 'error' : 'warn';
    this.log[level]({ err, code, requestId: request.id, route: request.routeOptions.url }, 'request failed');
  }
}
