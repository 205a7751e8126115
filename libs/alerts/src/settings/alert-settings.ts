import type { RequestContext } from '#access';
import type { AlertType } from '#audit';
import type { Database } from '#database';
import type { AlertSettingsRow, AlertSettingsRows } from './alert-settings-rows.js';

export interface AlertSettingsOrder {
  emails: readonly string[];
  eventTypes: readonly AlertType[];
}

export interface AlertSettingsView {
  emails: string[];
  eventTypes: AlertType[];
  /** Null as long as nobody has set anything. */
  updatedAt: string | null;
}

/** Whom a workspace has told by e-mail, and of what. */
export class AlertSettings {
  constructor(
    private readonly database: Database,
    private readonly rows: AlertSettingsRows,
  ) {}

  async get(ctx: RequestContext): Promise<AlertSettingsView> {
    return viewOf(await this.database.read(ctx, (tx) => this.rows.find(tx, ctx.workspaceId)));
  }

  /** Replaces what was there. What already waits for an address that is not named any more is not sent. */
  async set(ctx: RequestContext, { emails, eventTypes }: AlertSettingsOrder): Promise<AlertSettingsView> {
    return this.database.act(ctx, async (tx) => {
      const before = viewOf(await this.rows.find(tx, ctx.workspaceId));
      const after = viewOf(await this.rows.set(tx, ctx.workspaceId, { emails, event_types: eventTypes }));
      return { result: after, event: { type: 'alert_settings.updated', details: { before, after } } };
    });
  }
}

function viewOf(row: AlertSettingsRow | undefined): AlertSettingsView {
  if (!row) return { emails: [], eventTypes: [], updatedAt: null };
  return { emails: [...row.emails], eventTypes: [...row.event_types], updatedAt: row.updated_at.toISOString() };
}
