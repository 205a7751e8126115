import type { ItemKind, SecretCategory } from '#items';

/** Which items of a vault go. */
export interface MoveFilter {
  boxId?: string | undefined;
  kind?: ItemKind | undefined;
  category?: SecretCategory | undefined;
  itemIds?: readonly string[] | undefined;
}

/** What a job that moves items was told. The vault that they leave is the job's own. */
export interface MoveParams extends MoveFilter {
  targetVaultId: string;
  /** The newest item that was there; none when there were none. */
  upTo: string | null;
}

/** What a job that moves a vault to another key was told. */
export interface RekeyParams {
  /** The vault key under which all data keys are to stand. */
  vaultKeyId: string;
  isUndo: boolean;
}
