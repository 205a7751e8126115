import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kept as it was when this ran: what the service calls its window may change without this. */
const UNDO_WINDOW = `interval '7 days'`;
const EXPIRED_BOX = `EXISTS (SELECT FROM boxes b WHERE b.workspace_id = %.workspace_id AND b.box_id = %.box_id)`;
const inExpiredBox = (table: string): string => EXPIRED_BOX.replaceAll('%', table);

/**
 * The service moves items between boxes. The worker sees boxes whose deletion can no longer be undone, what is in them, and
 * sessions that ended 30 days ago, of all workspaces, and deletes them; it may lock such a box, and change none. What it writes
 * into the trail is that such a box is gone, as itself. Subqueries of policies are under the policies of who asks: a box that is
 * not expired is not there for them.
 */
const UP = [
  `GRANT UPDATE (box_id, place_mac) ON items TO keyhold_app`,

  `CREATE POLICY expired_select ON boxes FOR SELECT TO keyhold_worker USING (deleted_at < now() - ${UNDO_WINDOW})`,
  `CREATE POLICY expired_delete ON boxes FOR DELETE TO keyhold_worker USING (deleted_at < now() - ${UNDO_WINDOW})`,
  `CREATE POLICY expired_lock ON boxes FOR UPDATE TO keyhold_worker USING (deleted_at < now() - ${UNDO_WINDOW}) WITH CHECK (false)`,
  `GRANT SELECT (workspace_id, box_id, name, deleted_at), UPDATE (updated_at), DELETE ON boxes TO keyhold_worker`,

  `CREATE POLICY expired ON items TO keyhold_worker USING (${inExpiredBox('items')})`,
  `GRANT SELECT (workspace_id, item_id, box_id), DELETE ON items TO keyhold_worker`,
  `CREATE POLICY expired ON item_versions TO keyhold_worker USING (EXISTS (
    SELECT FROM items i WHERE i.workspace_id = item_versions.workspace_id AND i.item_id = item_versions.item_id))`,
  `GRANT SELECT (workspace_id, item_id, version), DELETE ON item_versions TO keyhold_worker`,

  `CREATE POLICY purged_box ON audit_events FOR INSERT TO keyhold_worker
    WITH CHECK (type = 'box.purged' AND principal_kind = 'system' AND ${inExpiredBox('audit_events')})`,
  `GRANT INSERT ON audit_events TO keyhold_worker`,

  `CREATE POLICY ended ON sessions TO keyhold_worker USING (least(ended_at, expires_at) < now() - interval '30 days')`,
  `GRANT SELECT (ended_at, expires_at), DELETE ON sessions TO keyhold_worker`,
];

export class MovesAndPurges1767000000000 implements MigrationInterface {
  name = 'MovesAndPurges1767000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of UP) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    for (const [table, policies] of Object.entries(POLICIES)) {
      await queries.query(`REVOKE ALL ON ${table} FROM keyhold_worker`);
      for (const policy of policies) await queries.query(`DROP POLICY ${policy} ON ${table}`);
    }
    await queries.query(`REVOKE UPDATE (box_id, place_mac) ON items FROM keyhold_app`);
  }
}

const POLICIES = {
  sessions: ['ended'],
  audit_events: ['purged_box'],
  item_versions: ['expired'],
  items: ['expired'],
  boxes: ['expired_select', 'expired_delete', 'expired_lock'],
};
