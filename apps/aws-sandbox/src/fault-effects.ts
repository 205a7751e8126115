import { type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type FaultEffect } from './faults.js';
import { type Answer, namedError, refusalAnswer } from './wire/answer.js';
import { type ReceivedRequest } from './wire/received-request.js';
import { type Route } from './wire/route.js';
import { isRecord } from './wire/shape.js';

/** What a fault makes of a request. `none`: nothing goes back, ever. */
export type FaultOutcome = { kind: 'answer' | 'drip'; answer: Answer } | { kind: 'ordered' } | { kind: 'none' } | { kind: 'reset' };

/** The answer when the operation never happened, or when it happened and the fault came after. */
export function faultOutcome(fault: FaultEffect, request: ReceivedRequest, route: Route | undefined, answer?: Answer): FaultOutcome {
  switch (fault.kind) {
    case 'hang':
    case 'black-hole':
      return { kind: 'none' };
    case 'reset':
      return { kind: 'reset' };
    case 'throttle':
      return { kind: 'answer', answer: errorAnswer(request, route, THROTTLES[route?.service ?? 'kms']) };
    case 'error':
      return { kind: 'answer', answer: errorAnswer(request, route, fault) };
    case 'answer':
      return { kind: 'ordered' };
    case 'garbage':
      return {
        kind: 'answer',
        answer: { status: 200, contentType: 'application/x-amz-json-1.1', body: '{"KeyId":"arn:aws:km\u0000', outcome: '' },
      };
    case 'html':
      return { kind: 'answer', answer: { status: 502, contentType: 'text/html', body: HTML, outcome: '' } };
    case 'slow-drip':
      return { kind: 'drip', answer: answer ?? NOTHING };
    case 'wrong-key-id':
      return { kind: 'answer', answer: altered(answer ?? NOTHING, withOtherKeyId) };
    case 'wrong-plaintext':
      return { kind: 'answer', answer: altered(answer ?? NOTHING, withOtherPlaintext) };
    case 'latency':
      return { kind: 'answer', answer: answer ?? NOTHING };
  }
}

const NOTHING: Answer = { status: 500, contentType: 'text/plain', body: '', outcome: '' };
const HTML = '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>';

const RATE_EXCEEDED = { code: 'Throttling', status: 400, message: 'Rate exceeded' } as const;
const THROTTLES = {
  kms: {
    code: 'ThrottlingException',
    status: 400,
    message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  },
  cloudtrail: { code: 'ThrottlingException', status: 400, message: 'Rate exceeded' },
  sts: RATE_EXCEEDED,
  iam: RATE_EXCEEDED,
} as const;

function errorAnswer(request: ReceivedRequest, route: Route | undefined, { code, status, message }: Omit<FaultEffect, 'kind'>): Answer {
  const error = namedError(route, code ?? 'InternalFailure', status ?? 500, message);
  return refusalAnswer(request, route, error) ?? NOTHING;
}

type Members = Record<string, unknown>;

function altered(answer: Answer, alter: (body: Members) => Members): Answer {
  const body: unknown = answer.outcome === 'ok' && answer.contentType.includes('json') ? JSON.parse(answer.body) : undefined;
  return isRecord(body) ? { ...answer, body: JSON.stringify(alter(body)) } : answer;
}

function withOtherKeyId(body: Members): Members {
  const changed = { ...body, ...(typeof body.KeyId === 'string' && { KeyId: otherId(body.KeyId) }) };
  if (!isRecord(body.KeyMetadata)) return changed;
  const { KeyId, Arn } = body.KeyMetadata;
  return { ...changed, KeyMetadata: { ...body.KeyMetadata, KeyId: otherId(String(KeyId)), Arn: otherId(String(Arn)) } };
}

/** Another key's id of the same form: the last digit moves on by one. */
const otherId = (id: string): string => id.replace(/[0-9a-f]$/, (digit) => ((parseInt(digit, 16) + 1) % 16).toString(16));

function withOtherPlaintext(body: Members): Members {
  if (typeof body.Plaintext !== 'string') return body;
  const bytes = Buffer.from(body.Plaintext, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 0x01;
  return { ...body, Plaintext: bytes.toString('base64') };
}

const DRIP_MS = 200;

/** One byte at a time, until it is all out or the client has had enough. */
export async function drip(response: ServerResponse, body: string): Promise<void> {
  for (const byte of Buffer.from(body)) {
    if (response.destroyed) return;
    response.write(Buffer.from([byte]));
    await pause(DRIP_MS);
  }
  response.end();
}
