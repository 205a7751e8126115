import { KeyStrategyError, type KeyStrategyErrorCode, type StrategyName } from '#key-strategies';
import { Signal, inSpan } from '#telemetry';

/** Each look for a data key, and whether it was open already. */
export const dataKeyLookups = new Signal<{ isOpen: boolean }>();

/** One use of a vault key on a data key. */
export interface VaultKeyUse {
  operation: 'wrap' | 'unwrap';
  strategy: StrategyName;
  /** `internal`: no failure that the strategies know. */
  outcome: 'ok' | KeyStrategyErrorCode | 'internal';
  /** Of a failure that the strategies know: one of their closed list. */
  cause?: string;
}

export const vaultKeyUses = new Signal<VaultKeyUse>();

/** Has `use` measured and in the trace. */
export function measured<Answer>(what: Pick<VaultKeyUse, 'operation' | 'strategy'>, use: () => Promise<Answer>): Promise<Answer> {
  return inSpan(`${what.operation} data key`, { attributes: { 'keyhold.strategy': what.strategy } }, async (span) => {
    const tell = (end: Pick<VaultKeyUse, 'outcome' | 'cause'>) => {
      vaultKeyUses.tell({ ...what, ...end });
      span.setAttribute('keyhold.outcome', end.outcome);
    };
    try {
      const answer = await use();
      tell({ outcome: 'ok' });
      return answer;
    } catch (error) {
      tell(error instanceof KeyStrategyError ? { outcome: error.code, cause: error.facts.cause } : { outcome: 'internal' });
      throw error;
    }
  });
}
