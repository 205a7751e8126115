import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The service may hold a group while somebody is put into it: locks of rows ask for the right to change a column. */
export class GroupsHeld1768100000000 implements MigrationInterface {
  name = 'GroupsHeld1768100000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query('GRANT UPDATE (name) ON groups TO keyhold_app');
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query('REVOKE UPDATE (name) ON groups FROM keyhold_app');
  }
}
