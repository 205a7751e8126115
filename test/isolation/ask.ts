import { type Answer, aClient } from '../harness/client.js';
import { type Cell, WORKSPACE_PLACE, methodOf, pathOf } from './cells.js';
import type { Ids, Row } from './row.js';
import type { Tenant } from './tenant.js';

/** Sends one cell's request about `tenant`, with what it uses up made anew. Answers what was sent as well: nobody is told it by that. */
export async function ask(url: string, cell: Cell, tenant: Tenant, made: Ids): Promise<{ answer: Answer; sent: readonly string[] }> {
  const { row, principal, headers } = cell;
  const ids = { ...row.words, ...idsOf(row, tenant), ...made, ...cell.ids };
  const body = row.body?.(ids, tenant);
  const target = targetOf(row, ids);
  const answer = await aClient(url)(methodOf(row), target, body, { ...principal.headers, ...row.headers, ...headers });
  return { answer, sent: [target, JSON.stringify(body ?? '')] };
}

/** The tenant's own id in every place. */
function idsOf({ places }: Row, { ids, workspace }: Tenant): Ids {
  const own = Object.entries(places).map(([name, { kind }]): [string, string] => [name, ids[kind]]);
  return Object.fromEntries([[WORKSPACE_PLACE, workspace.id], ...own]);
}

function targetOf(row: Row, ids: Ids): string {
  const path = pathOf(row).replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(ids[name] ?? ''));
  const query = Object.entries(row.places).filter(([, place]) => place.in === 'query');
  if (query.length === 0) return path;
  return `${path}?${new URLSearchParams(Object.fromEntries(query.map(([name]) => [name, ids[name] ?? '']))).toString()}`;
}

/**
 * Headers that differ between two answers to the very same request, and so tell nothing about what was asked for: the time, the
 * number of the answer, and how many more requests whoever asks may send now, which each request lowers.
 */
const OF_EACH_ANSWER = /^(?:date|x-request-id|ratelimit.*)$/;

/** The answer as bytes that can be compared: with its request id taken out, and without the headers that differ each time. */
export function comparable({ status, headers, text }: Answer): string {
  const requestId = headers.get('x-request-id') ?? '';
  const told = [...headers].filter(([name]) => !OF_EACH_ANSWER.test(name)).map(([name, value]) => `${name}: ${value}`);
  const all = [status, ...told.toSorted(), '', text].join('\n');
  return requestId === '' ? all : all.replaceAll(requestId, '<request id>');
}
