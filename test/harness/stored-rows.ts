import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database.js';

type Table = 'items' | 'item_versions' | 'data_keys' | 'vault_keys' | 'vaults';
type Columns = Record<string, unknown>;

/** One row by its primary key. */
export interface StoredRow {
  table: Table;
  key: Columns;
}

/** The hand of somebody who can write to the database: reads and changes rows past every policy and foreign key. */
export class StoredRows {
  constructor(private readonly database: TestDatabase) {}

  /** From here on neither foreign keys nor the bounds of `data_keys` stand in the way. */
  async unlock(): Promise<void> {
    await this.database.asAdmin('SET session_replication_role = replica');
    await this.database.asAdmin('ALTER TABLE data_keys DROP CONSTRAINT data_keys_mac_check, DROP CONSTRAINT data_keys_wrapped_check');
  }

  async read({ table, key }: StoredRow): Promise<Columns> {
    const [row] = await this.database.asAdmin<Columns>(`SELECT * FROM ${table} WHERE ${equals(key)}`, Object.values(key));
    if (!row) throw new Error(`no row in ${table}`);
    return row;
  }

  /** Answers the row under its key as it is now. */
  async write({ table, key }: StoredRow, columns: Columns): Promise<StoredRow> {
    const assignments = Object.keys(columns).map((name, i) => `${name} = $${i + 1}`);
    const where = equals(key, assignments.length);
    const text = `UPDATE ${table} SET ${assignments.join(', ')} WHERE ${where} RETURNING 1`;
    const touched = await this.database.asAdmin(text, [...Object.values(columns), ...Object.values(key)]);
    if (touched.length !== 1) throw new Error(`${touched.length} rows in ${table}`);
    const changed = Object.entries(columns).filter(([name]) => name in key);
    return { table, key: { ...key, ...Object.fromEntries(changed) } };
  }

  /** Changes one bit of a bytea column; the same again changes it back. */
  async flip({ table, key }: StoredRow, column: string, bit: number): Promise<void> {
    const text = `UPDATE ${table} SET ${column} = set_bit(${column}, ${bit}, 1 - get_bit(${column}, ${bit})) WHERE ${equals(key)}`;
    await this.database.asAdmin(text, Object.values(key));
  }

  async insert(table: Table, columns: Columns): Promise<void> {
    const places = Object.keys(columns).map((_, i) => `$${i + 1}`);
    await this.database.asAdmin(
      `INSERT INTO ${table} (${Object.keys(columns).join(', ')}) VALUES (${places.join(', ')})`,
      Object.values(columns),
    );
  }

  async remove({ table, key }: StoredRow): Promise<void> {
    await this.database.asAdmin(`DELETE FROM ${table} WHERE ${equals(key)}`, Object.values(key));
  }

  /** Exchanges one column of two primary keys, which must not meet on the way. */
  async exchangeKeys(a: StoredRow, b: StoredRow, column: string): Promise<readonly [StoredRow, StoredRow]> {
    const parked = await this.write(a, { [column]: typeof a.key[column] === 'number' ? 1_000_000 : randomUUID() });
    const second = await this.write(b, { [column]: a.key[column] });
    return [await this.write(parked, { [column]: b.key[column] }), second];
  }

  /** Runs `meanwhile` while the row has these columns, and puts it back. */
  async changed(row: StoredRow, columns: Columns, meanwhile: () => Promise<unknown>): Promise<void> {
    const before = await this.read(row);
    const now = await this.write(row, columns);
    await meanwhile();
    await this.write(now, Object.fromEntries(Object.keys(columns).map((name) => [name, before[name]])));
  }
}

function equals(key: Columns, offset = 0): string {
  return Object.keys(key)
    .map((name, i) => `${name} = $${i + 1 + offset}`)
    .join(' AND ');
}
