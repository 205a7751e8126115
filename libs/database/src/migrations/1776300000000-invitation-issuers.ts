import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who handed out an invitation, which ends with what they may do. Invitations from before let nobody in any more: it is not known
 * with whom they would end, and the members can be invited or reset again.
 */
export class InvitationIssuers1776300000000 implements MigrationInterface {
  name = 'InvitationIssuers1776300000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE members ADD COLUMN invited_by text CHECK (length(invited_by) <= 64)`);
    await queries.query(`CREATE INDEX members_invited_by ON members (workspace_id, invited_by) WHERE invited_by IS NOT NULL`);
    await queries.query(`GRANT UPDATE (invited_by) ON members TO keyhold_app`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE members DROP COLUMN invited_by`);
  }
}
