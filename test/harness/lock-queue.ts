import type { TestDatabase } from './database.js';

const WAITING = `SELECT DISTINCT pid FROM pg_locks WHERE NOT granted
  AND pid IN (SELECT pid FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * Holds a row, lets each of `acts` come to where it waits before the next one starts, and lets go: they happen in this order,
 * whatever else they do. Answers what they answered.
 */
export async function inTurn<Answers extends readonly unknown[]>(
  { asAdmin }: TestDatabase,
  { table, id }: { table: 'members' | 'api_keys'; id: string },
  ...acts: { [Nth in keyof Answers]: () => Promise<Answers[Nth]> }
): Promise<Answers> {
  const column = table === 'members' ? 'member_id' : 'api_key_id';
  await asAdmin('BEGIN');
  await asAdmin(`SELECT FROM ${table} WHERE ${column} = $1 FOR UPDATE`, [id]);
  const underWay: Promise<unknown>[] = [];
  for (const act of acts) {
    underWay.push(act());
    while ((await asAdmin(WAITING)).length < underWay.length);
  }
  await asAdmin('COMMIT');
  return (await Promise.all(underWay)) as unknown as Answers;
}
