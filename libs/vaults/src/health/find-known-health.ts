import type { Queries } from '#audit';
import type { VaultKeyId, VaultState } from '../vault-store.js';
import { findProbe, findRegionHealth } from './health-store.js';
import type { KnownHealth } from './record-report.js';

/** What is known of a key whose row is `state`. */
export async function findKnownHealth(
  tx: Queries,
  key: VaultKeyId,
  state: Pick<VaultState, 'key_health' | 'health_cause' | 'health_region' | 'health_aws_error' | 'health_aws_request_id'>,
): Promise<KnownHealth> {
  const { key_health: health, health_cause: cause, health_region: region } = state;
  const { health_aws_error: awsError, health_aws_request_id: awsRequestId } = state;
  const [regions, probe] = await Promise.all([findRegionHealth(tx, key), findProbe(tx, key)]);
  return { health, cause, region, awsError, awsRequestId, regions, probe };
}
