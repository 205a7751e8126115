import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Serving } from '../serve-request.js';
import { ControlRefusal, integerField, numberField, parseControlBody, readFields, textField } from './control-request.js';
import { readFaultOrder } from './fault-order.js';

export const CONTROL_PREFIX = '/_sandbox/';

interface ControlCall extends Serving {
  body: unknown;
  query: URLSearchParams;
  /** what followed the route's path */
  rest: string;
}
interface ControlAnswer {
  status: number;
  body?: unknown;
}
type Handler = (call: ControlCall) => ControlAnswer | Promise<ControlAnswer>;

const ok = (body: unknown): ControlAnswer => ({ status: 200, body });
const NO_CONTENT: ControlAnswer = { status: 204 };
const YEAR_SECONDS = 366 * 86_400;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET health': () => ok({ status: 'ok' }),
  'POST accounts': createAccount,
  'POST faults': ({ sandbox, body }) => ({ status: 201, body: { faultId: sandbox.faults.add(readFaultOrder(body)).faultId } }),
  'GET faults': ({ sandbox }) => ok({ faults: sandbox.faults.list() }),
  'DELETE faults': ({ sandbox, rest }) => deleteFaults(sandbox.faults, rest),
  'GET clock': ({ sandbox }) => ok(clockBody(sandbox)),
  'PUT clock': setClock,
  'POST reset': reset,
  'GET ledger': readLedger,
  'DELETE ledger': ({ sandbox }) => {
    sandbox.ledger.clear();
    return NO_CONTENT;
  },
};

/** The sandbox's own, unsigned interface: for tests and for whoever runs it, on this machine only. */
export async function serveControl(serving: Serving, message: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const answer = await controlled(serving, message, body);
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    ...(answer.body !== undefined && { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

async function controlled(serving: Serving, message: IncomingMessage, body: Buffer): Promise<ControlAnswer> {
  try {
    refuseStrangers(message);
    const [path = '', query = ''] = (message.url ?? '').slice(CONTROL_PREFIX.length).split('?');
    const [name = '', rest = '', ...more] = path.split('/');
    const handler = ROUTES[`${message.method ?? ''} ${name}`];
    if (!handler || more.length > 0 || (rest !== '' && name !== 'faults')) throw new ControlRefusal(404, 'There is no such control.');
    return await handler({ ...serving, body: parseControlBody(body), query: new URLSearchParams(query), rest });
  } catch (error) {
    if (error instanceof ControlRefusal) return { status: error.status, body: { error: error.message } };
    throw error;
  }
}

/** A web page in a browser on this machine must not reach it: neither under another name nor as a cross-site request. */
function refuseStrangers({ headers }: IncomingMessage): void {
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(headers.host ?? '') || headers.origin !== undefined) {
    throw new ControlRefusal(403, 'The control API answers only to 127.0.0.1 or localhost, and to no web page.');
  }
}

async function createAccount({ sandbox, save, body }: ControlCall): Promise<ControlAnswer> {
  const { accountId } = readFields({ accountId: textField(/^\d{12}$/) }, body);
  if (accountId !== undefined && sandbox.iam.accountExists(accountId)) {
    throw new ControlRefusal(409, `The account ${accountId} exists already.`);
  }
  const created = sandbox.iam.createAccount(accountId, sandbox.clock.now());
  await save();
  const { accessKeyId, secretAccessKey } = created.rootCredential;
  return { status: 201, body: { accountId: created.accountId, accessKeyId, secretAccessKey } };
}

function deleteFaults(faults: ControlCall['sandbox']['faults'], faultId: string): ControlAnswer {
  if (faultId === '') faults.clear();
  else if (!faults.remove(faultId)) throw new ControlRefusal(404, 'There is no such fault.');
  return NO_CONTENT;
}

const clockBody = ({ clock }: ControlCall['sandbox']) => ({
  offsetSeconds: clock.offsetSeconds,
  transitionSeconds: clock.transitionSeconds,
  now: new Date(clock.now()).toISOString(),
});

async function setClock({ sandbox, save, body }: ControlCall): Promise<ControlAnswer> {
  const fields = { offsetSeconds: numberField(-YEAR_SECONDS, YEAR_SECONDS), transitionSeconds: numberField(0, 3600) };
  Object.assign(sandbox.clock, readFields(fields, body));
  await save();
  return ok(clockBody(sandbox));
}

async function reset({ sandbox, save, body }: ControlCall): Promise<ControlAnswer> {
  readFields({}, body);
  sandbox.reset();
  await save();
  return NO_CONTENT;
}

function readLedger({ sandbox, query }: ControlCall): ControlAnswer {
  const since = integerField(0, Number.MAX_SAFE_INTEGER)(Number(query.get('since') ?? 0), 'since');
  return ok(sandbox.ledger.since(since ?? 0));
}
