import type { Kind } from './kinds.js';
import type { Needs, Principal } from './principals.js';
import type { Tenant } from './tenant.js';

/** What is answered: a status, and the code of a problem or that a list has nothing in it. */
export interface Outcome {
  status: number;
  code?: string;
  isEmpty?: true;
}

export const problem = (status: number, code: string): Outcome => ({ status, code });
export const EMPTY: Outcome = { status: 200, isEmpty: true };
export const NOT_VALID = problem(400, 'validation_failed');

/** One id in a request. */
export interface Place {
  in: 'path' | 'query' | 'body' | 'batch member';
  kind: Kind;
  /** When it is the id of nothing here: of another workspace, of nothing at all, or of what was deleted. By who asks, where that matters. */
  absent: Outcome | ((principal: Principal) => Outcome);
  /** When what is of another workspace is there for everybody. */
  foreign?: Outcome;
  /** When what was deleted is not as if it had never been. */
  deleted?: Outcome;
  /** When it cannot be an id. */
  malformed: Outcome;
  /** Whether it is looked at after the rights in the box. */
  isBehindRights?: true;
}

/** The ids of one request, by the names of their places. */
export type Ids = Readonly<Record<string, string>>;

/** One route, and how it is asked. The workspace in the path is a place of every route that has it, and is not told again. */
export interface Row {
  /** As the router has it. */
  route: string;
  /** What it takes to be let in; nothing, for everybody. */
  needs?: Needs;
  places: Readonly<Record<string, Place>>;
  /** What stands in the path and is no id. */
  words?: Ids;
  body?: (ids: Ids, tenant: Tenant) => object;
  /** Instead of those that say who asks. */
  headers?: Readonly<Record<string, string>>;
  /** A success. */
  succeeds: Outcome;
  /** What those see for whom the box is not there; what is answered to an absent id otherwise. */
  hidden?: Outcome;
  /** What else the rights say, to those whom guard and box let in; with the place that is not their own, when it is one behind rights. */
  refused?: (principal: Principal, place?: Place) => Outcome | undefined;
  /** Whether it heeds an Idempotency-Key. */
  isIdempotent?: true;
  /** Makes what a success uses up: ids to send instead of the tenant's. */
  uses?: (tenant: Tenant) => Promise<Ids>;
  /** Whether it speaks of a box in which nobody has anything but who owns it. */
  isOfNewBox?: true;
  /** Whether each request costs so much that some of the principals must do. */
  isCostly?: true;
  /** Ids that everybody may see. */
  tells?: (tenant: Tenant) => readonly string[];
  /** Whether whoever has the tenant's own id is told what it is for. */
  tellsItsHolder?: true;
  /** Undoes a success that the principals themselves would not survive. */
  undo?: (tenant: Tenant) => Promise<unknown>;
}

/** The same without a body in its answer, as the router adds it to every GET. */
export const headOf = (row: Row): Row => ({ ...row, route: row.route.replace(/^GET /, 'HEAD ') });

export const inPath = (kind: Kind, code: string): Place => ({
  in: 'path',
  kind,
  absent: problem(404, code),
  malformed: problem(404, code),
});
export const inBody = (kind: Kind, absent: Place['absent']): Place => ({ in: 'body', kind, absent, malformed: NOT_VALID });
export const filter = (kind: Kind): Place => ({ in: 'query', kind, absent: EMPTY, malformed: NOT_VALID });
export const cursor = (kind: Kind): Place => {
  const refused = problem(400, 'bad_cursor');
  return { in: 'query', kind, absent: refused, malformed: refused };
};
