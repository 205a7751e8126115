import { randomUUID } from 'node:crypto';
import { type RequestContext, theSystem } from '#access';
import { type AuditEvent, type Queries, findEvent } from '#audit';
import type { Database, WorkerDatabase } from '#database';
import { inSpan } from '#telemetry';
import type { WebhookRows } from '../webhooks/webhook-rows.js';
import { recordOf } from '../webhooks/webhook-view.js';
import { type DeliveryChannel, deliveryEnds } from './delivery-ends.js';
import { AGAIN, type Attempt, CLAIM, DELIVERED, DUE, FAN_OUT, type StoredDelivery, TO_TELL, giveUp } from './delivery-store.js';
import type { Outcome, Receivers } from './receivers.js';
import { pauseMs } from './retries.js';

/** After so long without one message that arrived, a receiver is not told any more. */
const DISABLE_AFTER_MS = 3 * 24 * 60 * 60 * 1000;
/** Attempts that one worker makes at the same time. */
const UNDER_WAY_MAX = 64;

type Failed = Extract<Outcome, { ok: false }>;

export interface DeliverAlertsOptions {
  /** Told of what went wrong here, and not at a receiver's. */
  onFailure: (error: unknown) => void;
  now?: () => Date;
  /** Uniform in [0, 1). */
  random?: () => number;
}

/**
 * Tells receivers of events, at least once each. Any number of workers do it together: each attempt is claimed first, for longer
 * than it can take, and its end is written only while the claim holds.
 */
export class DeliverAlerts {
  readonly #underWay = new Set<Promise<void>>();
  readonly #now: () => Date;
  readonly #random: () => number;

  constructor(
    private readonly worker: Pick<WorkerDatabase, 'ask'>,
    private readonly database: Database,
    private readonly webhooks: WebhookRows,
    private readonly receivers: Readonly<Record<DeliveryChannel, Receivers>>,
    private readonly options: DeliverAlertsOptions,
  ) {
    this.#now = options.now ?? (() => new Date());
    this.#random = options.random ?? Math.random;
  }

  /** Looks once, and begins what is due; does not wait for receivers. */
  async look(): Promise<void> {
    for (const { workspace_id: workspaceId } of await this.worker.ask<{ workspace_id: string }>(TO_TELL))
      await this.database.note({ workspaceId }, FAN_OUT, [this.#now()]);
    const room = UNDER_WAY_MAX - this.#underWay.size;
    if (room <= 0) return;
    const due = await this.worker.ask<{ workspace_id: string; delivery_id: string }>(DUE, [this.#now()]);
    for (const { workspace_id, delivery_id } of due.slice(0, room)) await this.#begin(workspace_id, delivery_id);
  }

  /** Waits for the attempts that were begun. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Claims before it answers, so that the next look sees it. */
  async #begin(workspaceId: string, deliveryId: string): Promise<void> {
    const at = this.#now();
    const [claimed] = await this.database.note<StoredDelivery>({ workspaceId }, CLAIM, [deliveryId, at]);
    if (!claimed) return; // another worker's
    const trying = inSpan('deliver alert', { attributes: { 'keyhold.channel': claimed.channel } }, () =>
      this.#attempt(workspaceId, claimed, at),
    )
      .catch(this.options.onFailure)
      .finally(() => this.#underWay.delete(trying));
    this.#underWay.add(trying);
  }

  async #attempt(workspaceId: string, claimed: StoredDelivery, at: Date): Promise<void> {
    const outcome = await this.#outcome(workspaceId, claimed, at);
    const { channel, delivery_id, attempts } = claimed;
    if (outcome.ok) {
      await this.database.note({ workspaceId }, DELIVERED, [delivery_id, attempts, outcome.status, this.#now()]);
      deliveryEnds.tell({ channel, outcome: 'delivered' });
      return;
    }
    const pause = outcome.isFinal ? undefined : pauseMs(attempts, this.#random);
    if (pause === undefined) await this.#giveUp(workspaceId, claimed, outcome, at);
    else await this.#tryLater(workspaceId, claimed, outcome, at, pause);
    deliveryEnds.tell({ channel, outcome: pause === undefined ? 'given_up' : 'again' });
  }

  async #outcome(workspaceId: string, claimed: StoredDelivery, at: Date): Promise<Outcome> {
    const event = await this.database.read({ workspaceId }, (tx) => findEvent(tx, claimed.event_id));
    if (!event) return { ok: false, failure: 'event_not_found', isFinal: true };
    return this.receivers[claimed.channel].deliver(workspaceId, claimed, event, at);
  }

  async #tryLater(workspaceId: string, claimed: StoredDelivery, { failure, status }: Failed, at: Date, pause: number): Promise<void> {
    const next = new Date(this.#now().getTime() + pause);
    await this.database.note({ workspaceId }, AGAIN, [claimed.delivery_id, claimed.attempts, status, failure, at, next]);
  }

  async #giveUp(workspaceId: string, claimed: StoredDelivery, { failure, status, isGone }: Failed, at: Date): Promise<void> {
    const { delivery_id: deliveryId, event_id: eventId, event_type: eventType, endpoint_id, channel, attempts } = claimed;
    const ctx = theSystem(workspaceId, randomUUID(), 'alerts');
    const attempt: Attempt = { deliveryId, attempts, status, failure, at };
    const details = { channel, ...(endpoint_id && { webhookId: endpoint_id }), deliveryId, eventId, eventType, attempts, failure, status };
    await this.database.act(ctx, async (tx) => {
      if (!(await giveUp(tx, attempt))) throw new Error('an attempt to deliver took longer than its claim');
      const failed: AuditEvent = { type: 'alert.delivery_failed', details };
      const disabled = endpoint_id === null ? undefined : await this.#disabled(tx, ctx, endpoint_id, isGone ?? false);
      return { result: null, event: disabled ? [failed, disabled] : failed };
    });
  }

  /** What the trail says when a receiver is not told any more from now on. */
  async #disabled(tx: Queries, ctx: RequestContext, endpointId: string, isGone: boolean): Promise<AuditEvent | undefined> {
    const row = await this.webhooks.findToChange(tx, ctx.workspaceId, endpointId);
    if (!row?.is_enabled) return undefined;
    const failingMs = row.failing_since ? this.#now().getTime() - row.failing_since.getTime() : 0;
    if (!isGone && failingMs < DISABLE_AFTER_MS) return undefined;
    const disabled = await this.webhooks.update(tx, ctx.workspaceId, { ...row, is_enabled: false });
    return { type: 'webhook.disabled', details: { ...recordOf(disabled), cause: isGone ? 'gone' : 'failing' } };
  }
}
