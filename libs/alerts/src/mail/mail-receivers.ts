import type { AuditEventView, Queries, Statement } from '#audit';
import type { Database } from '#database';
import type { StoredDelivery } from '../deliveries/delivery-store.js';
import type { Outcome, Receivers } from '../deliveries/receivers.js';
import type { AlertSettingsRows } from '../settings/alert-settings-rows.js';
import { type MailPlace, mailOf } from './mail-text.js';
import type { Mailer } from './mailer.js';

const PLACE: Statement = {
  name: 'alert-mail-place',
  text: `SELECT w.name AS workspace, v.name AS vault FROM workspaces w
    LEFT JOIN vaults v ON v.workspace_id = w.workspace_id AND v.vault_id = $2::uuid WHERE w.workspace_id = $1`,
};

/** Tells people by e-mail: those that the workspace names at this moment, whoever it named when it happened. */
export class MailReceivers implements Receivers {
  /** @param mailer none where the operator has set up no mail: then it is tried again, as long as everything is. */
  constructor(
    private readonly database: Database,
    private readonly rows: AlertSettingsRows,
    private readonly mailer: Mailer | undefined,
  ) {}

  async deliver(workspaceId: string, { delivery_id: id, email }: StoredDelivery, event: AuditEventView): Promise<Outcome> {
    if (!this.mailer) return { ok: false, failure: 'mail_not_set_up', isFinal: false };
    const { isWanted, place } = await this.database.read({ workspaceId }, async (tx) => ({
      isWanted: (await this.rows.find(tx, workspaceId))?.emails.includes(email ?? '') ?? false,
      place: await placeOf(tx, event),
    }));
    if (!isWanted) return { ok: false, failure: 'not_wanted', isFinal: true };
    const failed = await this.mailer.send({ to: email ?? '', id, ...mailOf(event, place) });
    return failed ? { ok: false, isFinal: failed.failure === 'mail_refused', ...failed } : { ok: true };
  }
}

async function placeOf(tx: Queries, { vaultId }: AuditEventView): Promise<MailPlace> {
  const [place] = await tx.query<MailPlace>(PLACE, [vaultId]);
  return place ?? { workspace: '', vault: null };
}
