import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { randomUUIDv7 } from 'node:crypto';
import type { HttpErrorCode } from './http-error.js';
import { HttpError } from './http-error.js';
import { problemOf } from './problem-of.js';
import { SECURITY_HEADERS } from './security-headers.js';
import { PROBLEM_TYPE } from './send-problem.js';

const CODES: Readonly<Record<string, HttpErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** Answers what is no HTTP request, or never became one, in the shape of every other problem, and hangs up. */
export function onClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answer(CODES[error.code ?? ''] ?? 'bad_request'));
  socket.destroy(error);
}

function answer(code: HttpErrorCode): string {
  const { status, body } = problemOf(new HttpError(code));
  const requestId = randomUUIDv7();
  const text = JSON.stringify({ ...body, requestId });
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(text),
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${text}`;
}
