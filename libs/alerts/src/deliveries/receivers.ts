import type { AuditEventView } from '#audit';
import type { StoredDelivery } from './delivery-store.js';

/** What became of one attempt. */
export type Outcome =
  | { ok: true; status?: number }
  | {
      ok: false;
      /** One of a closed list of the channel. */
      failure: string;
      status?: number | undefined;
      /** Whether another attempt cannot help. */
      isFinal: boolean;
      /** Whether the receiver wants nothing more, ever. */
      isGone?: boolean;
    };

/** One way to tell somebody. */
export interface Receivers {
  /** One attempt at `at`, within a bounded time. Whom a delivery is for is looked up each time. */
  deliver(workspaceId: string, delivery: StoredDelivery, event: AuditEventView, at: Date): Promise<Outcome>;
}
