/** A statement prepared by name on each connection. `$1` is always the workspace. */
export interface Statement {
  name: string;
  text: string;
}

/** Runs statements inside one transaction of one workspace; binds that workspace as `$1` by itself. */
export interface Queries {
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}
