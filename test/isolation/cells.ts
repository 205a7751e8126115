import { randomUUID } from 'node:crypto';
import { absentId, foreignId, malformedId } from './ids.js';
import { type Principal, type Verdict, inNewBox, verdict } from './principals.js';
import { type Ids, NOT_VALID, type Outcome, type Place, type Row, problem } from './row.js';
import { STATES, type State } from './state.js';
import type { Tenant } from './tenant.js';

/** One request of the matrix: who asks what, with which id in which place. */
export interface Cell {
  row: Row;
  principal: Principal;
  /** Undefined when every id is one of acme's own. */
  place: string | undefined;
  state: State;
  /** Instead of the tenant's own. */
  ids: Ids;
  headers: Readonly<Record<string, string>>;
  expected: Outcome;
}

const NO_WORKSPACE = problem(404, 'workspace_not_found');
export const WORKSPACE_PLACE = 'workspaceId';
export const KEY_PLACE = 'Idempotency-Key';

export const methodOf = ({ route }: Row): string => route.slice(0, route.indexOf(' '));
export const pathOf = ({ route }: Row): string => route.slice(route.indexOf(' ') + 1);
const isOfWorkspace = (row: Row): boolean => pathOf(row).includes(':workspaceId');

export const nameOf = ({ row, principal, place, state }: Cell): string =>
  `${row.route} by ${principal.name} with ${place === undefined ? 'ids of their own' : `${place} ${state}`}`;

/** Every cell of a row for one principal. `usedKeys`: idempotency keys under which others have asked the same. */
export function cellsOf(row: Row, principal: Principal, acme: Tenant, globex: Tenant, usedKeys: readonly string[]): Cell[] {
  const own: Cell = { row, principal, place: undefined, state: 'own', ids: {}, headers: {}, expected: outcome(row, principal) };
  const places = Object.entries(row.places).flatMap(([name, place]) =>
    variants(place, acme, globex).map(([state, id]) => ({ name, place, state, id })),
  );
  const { asks = STATES } = principal;
  const cells = [
    own,
    ...workspaceCells(own, globex),
    ...places.map(({ name, place, state, id }) => ({
      ...own,
      place: name,
      state,
      ids: { [name]: id },
      expected: outcome(row, principal, place, state),
    })),
    ...(row.isIdempotent ? [randomUUID(), ...(principal.isTheSame ? [] : usedKeys)] : []).map((key, i) => ({
      ...own,
      place: KEY_PLACE,
      state: i === 0 ? ('absent' as const) : ('foreign' as const),
      headers: { 'idempotency-key': key },
    })),
  ];
  return cells.filter(({ place, state }) => asks.includes(state) && (place !== KEY_PLACE || asks === STATES));
}

/** The workspace in the path is another one: with everything that lies in it, and then one that is not there. */
function workspaceCells(own: Cell, globex: Tenant): Cell[] {
  const { row, principal } = own;
  if (!isOfWorkspace(row)) return [];
  const expected = row.needs && principal.of !== 'nobody' && principal.of !== 'the operator' ? NO_WORKSPACE : own.expected;
  const theirs = Object.fromEntries(Object.entries(row.places).map(([name, { kind }]) => [name, globex.ids[kind]]));
  const states = [
    ...(principal.of === 'globex' ? [] : [{ state: 'foreign' as const, ids: { ...theirs, [WORKSPACE_PLACE]: globex.workspace.id } }]),
    { state: 'absent' as const, ids: { [WORKSPACE_PLACE]: randomUUID() } },
    { state: 'malformed' as const, ids: { [WORKSPACE_PLACE]: malformedId('workspace') } },
  ];
  return states.map(({ state, ids }) => ({ ...own, place: WORKSPACE_PLACE, state, ids, expected }));
}

function variants({ kind }: Place, acme: Tenant, globex: Tenant): [State, string][] {
  const gone = acme.deleted[kind];
  return [
    ['foreign', foreignId(kind, acme, globex)],
    ['absent', absentId(kind, acme)],
    ...(gone === undefined ? [] : [['deleted', gone] as [State, string]]),
    ['malformed', malformedId(kind)],
  ];
}

const GUARDED = {
  unauthenticated: problem(401, 'unauthenticated'),
  workspace_not_found: problem(404, 'workspace_not_found'),
  csrf_refused: problem(403, 'csrf_refused'),
  forbidden: problem(403, 'forbidden'),
  confirmation_required: problem(403, 'confirmation_required'),
} as const satisfies Partial<Record<Verdict, Outcome>>;

/** What the request is answered, in the order in which it is judged: guard, shape, what is there, the box, what stands behind it. */
function outcome(row: Row, principal: Principal, place?: Place, state: State = 'own'): Outcome {
  if (!row.needs) return place ? told(place, state, principal) : row.succeeds;
  const asked = row.isOfNewBox ? inNewBox(principal) : principal;
  const judged = verdict(asked, row.needs, methodOf(row), isOfWorkspace(row));
  if (judged in GUARDED) return GUARDED[judged as keyof typeof GUARDED];
  const ofPlace = place && told(place, state, principal);
  if (ofPlace && state === 'malformed' && ofPlace === NOT_VALID) return ofPlace;
  if (ofPlace && !place.isBehindRights) return ofPlace;
  if (judged === 'hidden') return row.hidden ?? toldAbsent(Object.values(row.places)[0], principal);
  if (judged === 'forbidden in the box') return GUARDED.forbidden;
  return row.refused?.(principal, place) ?? ofPlace ?? row.succeeds;
}

function told(place: Place, state: State, principal: Principal): Outcome {
  if (state === 'malformed') return place.malformed;
  return exceptionOf(place, state) ?? toldAbsent(place, principal);
}

/** When it is not as if there were nothing. */
function exceptionOf(place: Place | undefined, state: State): Outcome | undefined {
  return state === 'foreign' || state === 'deleted' ? place?.[state] : undefined;
}

function toldAbsent(place: Place | undefined, principal: Principal): Outcome {
  if (!place) throw new Error('a row must say what those see for whom the box is not there');
  return typeof place.absent === 'function' ? place.absent(principal) : place.absent;
}

/** Whether the request goes through: then it may use something up. */
export const isSuccess = ({ expected, row }: Cell): boolean => expected === row.succeeds;

/** Whether its answer may not be told from one about an id of nothing. */
export function isLikeAbsent({ row, place, state }: Cell): boolean {
  if (place !== undefined && exceptionOf(row.places[place], state)) return false;
  return state === 'foreign' || state === 'absent' || state === 'deleted';
}
