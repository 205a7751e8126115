import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { arrivalOf, type Claims, claimsOf } from './arrival.js';
import { Exchange } from './exchange.js';
import { type LedgerCall } from './ledger.js';
import { perform } from './perform.js';
import { type Sandbox } from './sandbox.js';
import { type Answer } from './wire/answer.js';
import { sha256Hex } from './wire/canonical-request.js';
import { allHeaders, header, type ReceivedRequest } from './wire/received-request.js';
import { routeOf } from './wire/route.js';

export interface Serving {
  sandbox: Sandbox;
  /** Resolves when what has changed is safe on the disk, if there is one. */
  save: () => Promise<void>;
}

/** One AWS request from its arrival in the ledger to its answer, with whatever fault it meets. */
export async function serveRequest(serving: Serving, message: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const { sandbox } = serving;
  const request = receivedRequest(message, body);
  const route = routeOf(request);
  const claims = claimsOf(sandbox, request, route);
  const entry = sandbox.ledger.open(ledgerFields(sandbox, request, claims));
  const exchange = new Exchange(request, route, entry, response, sandbox.clock);
  const fault = sandbox.faults.meet(arrivalOf(claims));
  if (fault?.when === 'before' && (await exchange.suffer(fault))) return;
  const answer = await performAndSave(serving, exchange);
  if (fault?.when === 'after' && (await exchange.suffer(fault, answer))) return;
  exchange.answer(answer);
}

async function performAndSave({ sandbox, save }: Serving, { request, route, entry }: Exchange): Promise<Answer> {
  const { answer, changed, keys } = await perform(sandbox, request, route);
  const [key] = keys;
  if (key) entry.keyId = key.family.keyId;
  if (changed) await save();
  return answer;
}

function receivedRequest(message: IncomingMessage, body: Buffer): ReceivedRequest {
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

function ledgerFields(sandbox: Sandbox, request: ReceivedRequest, claims: Claims): Omit<LedgerCall, 'seq' | 'outcome'> {
  const { service, operation, region, accessKeyId, keyId, caller } = claims;
  return {
    at: new Date(sandbox.clock.now()).toISOString(),
    requestId: request.requestId,
    ...wireFields(request),
    ...defined({ service, operation, region, accessKeyId, keyId, accountId: caller?.accountId, callerArn: caller?.arn }),
  };
}

const wireFields = (request: ReceivedRequest) => ({
  method: request.method,
  path: request.rawQuery === '' ? request.path : `${request.path}?${request.rawQuery}`,
  host: header(request, 'host') ?? '',
  headerNames: [...request.headers].flatMap(([name, values]) => values.map(() => name)).sort(),
  bodySha256: sha256Hex(request.body),
});

const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
