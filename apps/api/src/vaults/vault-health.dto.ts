/** The key in one Region. */
export class RegionHealthDto {
  region: string;
  health: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  /** RFC 3339 */
  since: string;
  /** When a decryption there proved the key last; RFC 3339. */
  lastGoodAt: string | null;
  /** RFC 3339 */
  checkedAt: string;
  /** When the key is gone there for good; null also for a primary key that waits for its replicas to go. RFC 3339. */
  deletionDate: string | null;
  daysLeft: number | null;
}

/** How a vault's key is. */
export class VaultHealthDto {
  vaultId: string;
  /** The key under which the vault seals at present. */
  vaultKeyId: string;
  health: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';
  /** Why it is not healthy. */
  cause: string | null;
  region: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  /** RFC 3339 */
  since: string;
  /** RFC 3339 */
  lastGoodAt: string | null;
  /** The first of the Regions' dates; RFC 3339. */
  deletionDate: string | null;
  /** Days until then, begun ones counted. */
  daysLeft: number | null;
  /** When the role last refused everybody but this workspace; RFC 3339. */
  externalIdProvenAt: string | null;
  /** RFC 3339; null for a key that is the service's own and needs no check. */
  checkedAt: string | null;
  /** RFC 3339 */
  nextCheckAt: string | null;
  /** When something was last sealed or unsealed under the key, to a quarter of a minute; RFC 3339. */
  lastUsedAt: string | null;
  regions: RegionHealthDto[];
}

/** One change of a key's health. */
export class HealthChangeDto {
  id: string;
  /** RFC 3339 */
  at: string;
  vaultKeyId: string;
  /** Null for the key as a whole. */
  region: string | null;
  before: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion' | null;
  health: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
}

export class HealthChangePage {
  data: HealthChangeDto[];
  nextCursor: string | null;
}
