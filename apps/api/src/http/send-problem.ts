import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemAnswer } from './problem-of.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function sendProblem(reply: FastifyReply, request: FastifyRequest, problem: ProblemAnswer): void {
  if (reply.sent) return;
  request.problemCode = problem.code;
  if (problem.retryAfterSeconds !== undefined) void reply.header('retry-after', problem.retryAfterSeconds);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="keyhold"');
  // Fastify would hang up while the client still sends, and the answer be lost with the connection. Node throws the rest away.
  if (problem.code === 'payload_too_large') void reply.removeHeader('connection');
  void reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify({ ...problem.body, requestId: request.id }));
}
