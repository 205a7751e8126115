import type { KeyMetadata } from '@aws-sdk/client-kms';

/** What DescribeKey tells about a key in one Region. Words are AWS's own. */
export interface KeyDescription {
  readonly state: string;
  readonly usage: string;
  readonly spec: string;
  readonly origin: string;
  readonly isMultiRegion: boolean;
  /** PRIMARY or REPLICA, for a multi-Region key. */
  readonly multiRegionType?: string;
  readonly primaryRegion?: string;
  /** When the key is gone for good; a primary key that waits for its replicas to go has none yet. */
  readonly deletionDate?: Date;
}

export function keyDescription(metadata: KeyMetadata): KeyDescription {
  const multi = metadata.MultiRegionConfiguration;
  return {
    state: metadata.KeyState ?? '',
    usage: metadata.KeyUsage ?? '',
    spec: metadata.KeySpec ?? '',
    origin: metadata.Origin ?? '',
    isMultiRegion: metadata.MultiRegion === true,
    ...(multi?.MultiRegionKeyType && { multiRegionType: multi.MultiRegionKeyType }),
    ...(metadata.DeletionDate && { deletionDate: metadata.DeletionDate }),
    ...(multi?.PrimaryKey?.Region && { primaryRegion: multi.PrimaryKey.Region }),
  };
}
