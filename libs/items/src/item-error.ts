export type ItemErrorCode =
  | 'item_not_found'
  | 'item_version_not_found'
  /** Another new version of the item was committed at the same time; nothing of this one is stored. */
  | 'item_version_conflict'
  /** The vault's strategy has no public key for which the item could be wrapped. */
  | 'export_not_possible'
  /** Larger than an item may be. */
  | 'payload_too_large'
  /** All its versions together are more than one move takes. */
  | 'item_too_large_to_move'
  /** Only secrets have one. */
  | 'category_not_possible';

export class ItemError extends Error {
  override readonly name = 'ItemError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: ItemErrorCode) {
    super(code);
  }
}
