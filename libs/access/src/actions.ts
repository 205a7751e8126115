/** What a principal may do: a closed list. Managing a vault gives no right to read what is in it. */
export const ACTIONS = [
  'workspace:create',
  /** The workspace's own name and settings, and what its AWS administrators need. */
  'workspace:read',
  /** Name, strategy, status and health of vaults; never a key. */
  'vault:read',
  'vault:create',
  /** Name, default, checks on demand. */
  'vault:manage',
  /** Names and versions of items; never a payload. */
  'item:read',
  'item:seal',
  /** The payload in plaintext. */
  'item:unseal',
  'item:delete',
  /** The item as JWE that only the owner of the vault key can open. */
  'item:export',
  'audit:read',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Roles to actions: the one place. The operator creates workspaces and sees into none. */
export const ROLES = {
  operator: ['workspace:create'],
  owner: [
    'workspace:read',
    'vault:read',
    'vault:create',
    'vault:manage',
    'item:read',
    'item:seal',
    'item:unseal',
    'item:delete',
    'item:export',
    'audit:read',
  ],
} as const satisfies Record<string, readonly Action[]>;
export type Role = keyof typeof ROLES;
