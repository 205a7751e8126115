/** One thing that the replica was asked to do. */
export interface RegionCheck {
  check: 'unwrap_stored_data_key' | 'wrap' | 'unwrap';
  ok: boolean;
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  milliseconds: number;
}

/** What a Region drill proves: that the vault could be used with this Region alone. */
export interface RegionReport extends Record<string, unknown> {
  region: string;
  serves: boolean;
  /** The newest data key of the vault; null when it has none yet. */
  dataKeyId: string | null;
  /** In the order in which they were made; those that an earlier failure made pointless are left out. */
  checks: RegionCheck[];
}
