/** What people decided about a vault. `disabled` takes no new items, `suspended` neither takes nor gives. */
export const VAULT_STATUSES = ['active', 'disabled', 'suspended'] as const;
export type VaultStatus = (typeof VAULT_STATUSES)[number];

/** What people can decide. */
export const STATUS_ACTS = ['disable', 'enable', 'suspend', 'resume'] as const;
export type StatusAct = (typeof STATUS_ACTS)[number];

/** Two decisions that do not touch each other: whether new items are taken, and whether the vault works at all. */
export interface VaultStanding {
  status: VaultStatus;
  /** What a suspended vault is again once it is resumed; null while it is not suspended. */
  resumesAs: 'active' | 'disabled' | null;
}

/** How the vault stands after the act; an act on a vault that stands so already changes nothing. */
export function standingAfter(act: StatusAct, standing: VaultStanding): VaultStanding {
  const takesItems = act === 'disable' || act === 'enable' ? act === 'enable' : takesNewItems(standing);
  const isSuspended = act === 'suspend' || act === 'resume' ? act === 'suspend' : standing.status === 'suspended';
  const awake = takesItems ? 'active' : 'disabled';
  return isSuspended ? { status: 'suspended', resumesAs: awake } : { status: awake, resumesAs: null };
}

function takesNewItems({ status, resumesAs }: VaultStanding): boolean {
  return (status === 'suspended' ? resumesAs : status) !== 'disabled';
}
