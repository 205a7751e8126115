import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether an identity provider's word on an address is enough to become a member who is active already. */
export class IdentityProviderTrust1766500000000 implements MigrationInterface {
  name = 'IdentityProviderTrust1766500000000';

  async up(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE identity_providers ADD COLUMN links_active_members boolean NOT NULL DEFAULT false`);
    await queries.query(`GRANT UPDATE (links_active_members) ON identity_providers TO keyhold_app`);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`ALTER TABLE identity_providers DROP COLUMN links_active_members`);
  }
}
