import type { RequestContext } from '#access';
import { type Cursors, DatabaseError } from '#database';
import type { PageQuery } from './page.dto.js';

export interface Page<Row> {
  data: Row[];
  nextCursor: string | null;
}

/** One page of a list: asks for one row more than wanted, and seals where the page ends when there is one. */
export class Pages {
  constructor(private readonly cursors: Cursors) {}

  /** `list` names the list and its filter: a cursor of another filter is refused. */
  async of<Stored, Row, Position>(
    { workspaceId }: RequestContext,
    list: string,
    { limit = 25, cursor }: PageQuery,
    parts: {
      isPosition: (value: unknown) => value is Position;
      read: (rows: number, after: Position | undefined) => Promise<Stored[]>;
      position: (row: Stored) => Position;
      view: (row: Stored) => Row;
    },
  ): Promise<Page<Row>> {
    const after = cursor === undefined ? undefined : this.cursors.open(workspaceId, list, cursor);
    if (after !== undefined && !parts.isPosition(after)) throw new DatabaseError('bad_cursor');
    const rows = await parts.read(limit + 1, after);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? this.cursors.seal(workspaceId, list, parts.position(last)) : null;
    return { data: page.map(parts.view), nextCursor };
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isNumber = (value: unknown): value is number => typeof value === 'number';
