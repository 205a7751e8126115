import type { RowMacs } from '#access';
import type { AlertType, Queries, Statement } from '#audit';

export const ALERT_EMAILS_MAX = 10;

/** Who gets e-mail, and of what. */
export interface AlertMail {
  emails: readonly string[];
  event_types: readonly AlertType[];
}

export interface AlertSettingsRow extends AlertMail {
  mac: Buffer;
  updated_at: Date;
}

const FIND: Statement = {
  name: 'alert-settings-find',
  text: `SELECT emails, event_types, mac, updated_at FROM alert_settings WHERE workspace_id = $1`,
};

const SET: Statement = {
  name: 'alert-settings-set',
  text: `INSERT INTO alert_settings (workspace_id, emails, event_types, mac) VALUES ($1, $2, $3, $4)
    ON CONFLICT (workspace_id) DO UPDATE SET emails = excluded.emails, event_types = excluded.event_types, mac = excluded.mac,
      updated_at = now()
    RETURNING emails, event_types, mac, updated_at`,
};

/** Addresses that are told by e-mail. A row without its MAC is none. */
export class AlertSettingsRows {
  constructor(private readonly macs: RowMacs) {}

  async find(tx: Queries, workspaceId: string): Promise<AlertSettingsRow | undefined> {
    const [row] = await tx.query<AlertSettingsRow>(FIND);
    return row && this.macs.isOurs('alert-settings', fieldsOf(workspaceId, row), row.mac) ? row : undefined;
  }

  async set(tx: Queries, workspaceId: string, mail: AlertMail): Promise<AlertSettingsRow> {
    const mac = this.macs.of('alert-settings', fieldsOf(workspaceId, mail));
    const [row] = await tx.query<AlertSettingsRow>(SET, [mail.emails, mail.event_types, mac]);
    if (!row) throw new Error('settings that were just stored are not there');
    return row;
  }
}

const fieldsOf = (workspaceId: string, { emails, event_types }: AlertMail) => [workspaceId, emails, event_types];
