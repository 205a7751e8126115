import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Members from whom everything was taken that let them in, and who have to come again. */
export class MembersReset1768000000000 implements MigrationInterface {
  name = 'MembersReset1768000000000';

  async up(queries: QueryRunner): Promise<void> {
    await allow(queries, ['invited', 'active', 'suspended', 'reset']);
  }

  async down(queries: QueryRunner): Promise<void> {
    await allow(queries, ['invited', 'active', 'suspended']);
  }
}

async function allow(queries: QueryRunner, statuses: readonly string[]): Promise<void> {
  const list = statuses.map((status) => `'${status}'`).join(', ');
  await queries.query('ALTER TABLE members DROP CONSTRAINT members_status_check');
  await queries.query(`ALTER TABLE members ADD CONSTRAINT members_status_check CHECK (status IN (${list}))`);
}
