import type { RowField, RowMacs } from '#access';
import type { AlertType, Queries, Statement } from '#audit';

/** What decides who is told what. */
export interface WebhookFacts {
  endpoint_id: string;
  name: string;
  url: string;
  event_types: readonly AlertType[];
  is_enabled: boolean;
  secret_sealed: Buffer;
  /** Signs as well until `previous_secret_until`. */
  previous_secret_sealed: Buffer | null;
  previous_secret_until: Date | null;
}

export interface WebhookRow extends WebhookFacts {
  /** Since when nothing has arrived there; null when the last message did. */
  failing_since: Date | null;
  mac: Buffer;
  created_at: Date;
  updated_at: Date;
}

export const WEBHOOKS_MAX = 20;

const COLUMNS = `endpoint_id, name, url, event_types, is_enabled, secret_sealed, previous_secret_sealed, previous_secret_until,
  failing_since, mac, created_at, updated_at`;

const FIND: Statement = {
  name: 'webhook-find',
  text: `SELECT ${COLUMNS} FROM webhook_endpoints WHERE workspace_id = $1 AND endpoint_id = $2`,
};

/** Locks: of two changes that come at once the second sees what the first made. */
const FIND_TO_CHANGE: Statement = { name: 'webhook-find-to-change', text: `${FIND.text} FOR NO KEY UPDATE` };

const LIST: Statement = {
  name: 'webhook-list',
  text: `SELECT ${COLUMNS} FROM webhook_endpoints WHERE workspace_id = $1 AND ($3::uuid IS NULL OR endpoint_id < $3)
    ORDER BY endpoint_id DESC LIMIT $2`,
};

/** Answers no row when there are enough. */
const INSERT: Statement = {
  name: 'webhook-insert',
  text: `INSERT INTO webhook_endpoints (workspace_id, endpoint_id, name, url, event_types, is_enabled, secret_sealed,
      previous_secret_sealed, previous_secret_until, mac)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
    WHERE (SELECT count(*) FROM webhook_endpoints WHERE workspace_id = $1) < ${WEBHOOKS_MAX} RETURNING ${COLUMNS}`,
};

const UPDATE: Statement = {
  name: 'webhook-update',
  text: `UPDATE webhook_endpoints SET name = $3, url = $4, event_types = $5, is_enabled = $6, secret_sealed = $7,
      previous_secret_sealed = $8, previous_secret_until = $9, mac = $10, updated_at = now(),
      failing_since = CASE WHEN url = $4 AND is_enabled = $6 THEN failing_since END
    WHERE workspace_id = $1 AND endpoint_id = $2 RETURNING ${COLUMNS}`,
};

const DELETE: Statement = { name: 'webhook-delete', text: `DELETE FROM webhook_endpoints WHERE workspace_id = $1 AND endpoint_id = $2` };

/** Receivers of webhooks. Who can write to the database cannot have alerts sent elsewhere: a row without its MAC is none. */
export class WebhookRows {
  constructor(private readonly macs: RowMacs) {}

  async find(tx: Queries, workspaceId: string, endpointId: string): Promise<WebhookRow | undefined> {
    return this.#genuine(workspaceId, await tx.query<WebhookRow>(FIND, [endpointId]))[0];
  }

  async findToChange(tx: Queries, workspaceId: string, endpointId: string): Promise<WebhookRow | undefined> {
    return this.#genuine(workspaceId, await tx.query<WebhookRow>(FIND_TO_CHANGE, [endpointId]))[0];
  }

  /** Newest first, after the id where the page before ended. */
  async list(tx: Queries, workspaceId: string, limit: number, after?: string): Promise<WebhookRow[]> {
    return this.#genuine(workspaceId, await tx.query<WebhookRow>(LIST, [limit, after]));
  }

  /** Undefined when the workspace has as many as it can have. */
  async insert(tx: Queries, workspaceId: string, facts: WebhookFacts): Promise<WebhookRow | undefined> {
    return (await tx.query<WebhookRow>(INSERT, this.#values(workspaceId, facts)))[0];
  }

  async update(tx: Queries, workspaceId: string, facts: WebhookFacts): Promise<WebhookRow> {
    const [row] = await tx.query<WebhookRow>(UPDATE, this.#values(workspaceId, facts));
    if (!row) throw new Error('a webhook is gone in the transaction that holds it');
    return row;
  }

  /** With its deliveries. */
  async delete(tx: Queries, endpointId: string): Promise<void> {
    await tx.query(DELETE, [endpointId]);
  }

  #values(workspaceId: string, facts: WebhookFacts): unknown[] {
    const { endpoint_id, name, url, event_types, is_enabled, secret_sealed, previous_secret_sealed, previous_secret_until } = facts;
    const mac = this.macs.of('webhook-endpoint', macFields(workspaceId, facts));
    return [endpoint_id, name, url, event_types, is_enabled, secret_sealed, previous_secret_sealed, previous_secret_until, mac];
  }

  #genuine(workspaceId: string, rows: WebhookRow[]): WebhookRow[] {
    return rows.filter((row) => this.macs.isOurs('webhook-endpoint', macFields(workspaceId, row), row.mac));
  }
}

function macFields(workspaceId: string, facts: WebhookFacts): RowField[] {
  const { endpoint_id, url, event_types, is_enabled, secret_sealed, previous_secret_sealed, previous_secret_until: until } = facts;
  return [workspaceId, endpoint_id, url, event_types, is_enabled, secret_sealed, previous_secret_sealed, until?.toISOString() ?? null];
}
