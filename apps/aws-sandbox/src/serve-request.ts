import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { arrivalOf, type Claims, claimsOf } from './arrival.js';
import { drip, type FaultOutcome, faultOutcome } from './fault-effects.js';
import { type Fault } from './faults.js';
import { type LedgerCall } from './ledger.js';
import { perform } from './perform.js';
import { type Sandbox } from './sandbox.js';
import { type Answer } from './wire/answer.js';
import { allHeaders, type ReceivedRequest } from './wire/received-request.js';
import { type Route, routeOf } from './wire/route.js';

export interface Serving {
  sandbox: Sandbox;
  /** Resolves when what has changed is safe on the disk, if there is one. */
  save(): Promise<void>;
}

/** One AWS request from its arrival in the ledger to its answer, with whatever fault it meets. */
export async function serveRequest(serving: Serving, message: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const { sandbox } = serving;
  const request = received(message, body);
  const route = routeOf(request);
  const claims = claimsOf(sandbox, request, route);
  const startedAt = performance.now();
  const entry = sandbox.ledger.open(ledgerFields(sandbox, request, claims));
  const close = (outcome: string, httpStatus?: number) => {
    entry.outcome = outcome;
    entry.durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
    if (httpStatus !== undefined) entry.httpStatus = httpStatus;
  };
  const fault = sandbox.faults.meet(arrivalOf(claims));
  if (fault?.when === 'before') {
    if (fault.fault.kind !== 'latency') return end(faultOutcome(fault, request, route), fault, request, response, sandbox, close);
    await pause(fault.fault.ms ?? 0);
  }
  const answer = await performAndSave(serving, request, route, entry);
  if (fault?.when === 'after') {
    if (fault.fault.kind === 'latency') await pause(fault.fault.ms ?? 0);
    else return end(faultOutcome(fault, request, route, answer), fault, request, response, sandbox, close);
  }
  close(answer.outcome, answer.status);
  send(response, request, sandbox, answer);
}

async function performAndSave(
  { sandbox, save }: Serving,
  request: ReceivedRequest,
  route: Route | undefined,
  entry: LedgerCall,
): Promise<Answer> {
  const { answer, changed, keys } = await perform(sandbox, request, route);
  const [key] = keys;
  if (key) entry.keyId = key.family.keyId;
  if (changed) await save();
  return answer;
}

type Close = (outcome: string, httpStatus?: number) => void;

async function end(
  outcome: FaultOutcome,
  { fault }: Fault,
  request: ReceivedRequest,
  response: ServerResponse,
  sandbox: Sandbox,
  close: Close,
): Promise<void> {
  const name = `fault:${fault.kind}`;
  if (outcome.kind !== 'answer') {
    close(name);
    if (outcome.kind === 'reset') response.socket?.resetAndDestroy();
    return;
  }
  close(name, outcome.answer.status);
  if (!outcome.dripped) return send(response, request, sandbox, outcome.answer);
  writeHead(response, request, sandbox, outcome.answer);
  await drip(response, outcome.answer.body);
}

function send(response: ServerResponse, request: ReceivedRequest, sandbox: Sandbox, answer: Answer): void {
  writeHead(response, request, sandbox, answer);
  response.end(answer.body);
}

/** `Date` is the sandbox's time: clients correct their clocks by it. */
function writeHead(response: ServerResponse, request: ReceivedRequest, sandbox: Sandbox, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    date: new Date(sandbox.clock.now()).toUTCString(),
    'x-amzn-requestid': request.requestId,
  });
}

function received(message: IncomingMessage, body: Buffer): ReceivedRequest {
  const [path = '/', ...query] = (message.url ?? '/').split('?');
  return {
    method: message.method ?? '',
    path,
    rawQuery: query.join('?'),
    headers: allHeaders(message),
    body,
    requestId: randomUUID(),
    sourceIp: message.socket.remoteAddress ?? '',
  };
}

function ledgerFields(
  sandbox: Sandbox,
  request: ReceivedRequest,
  { caller, targetAccountId: _, ...claims }: Claims,
): Omit<LedgerCall, 'seq' | 'outcome'> {
  return {
    at: new Date(sandbox.clock.now()).toISOString(),
    ...claims,
    ...(caller && { accountId: caller.accountId, callerArn: caller.arn }),
    requestId: request.requestId,
  };
}
