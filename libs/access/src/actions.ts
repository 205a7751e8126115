/** What a principal may do: a closed list. Managing a vault or its key gives no right to read what is in it. */
export const ACTIONS = [
  'workspace:create',
  /** The workspace's own name and settings, and what its AWS administrators need. */
  'workspace:read',
  'workspace:manage',
  /** Name, strategy, status and health of vaults; never a key. */
  'vault:read',
  'vault:create',
  /** Name, settings, default; checks, stops, purges and drills on demand. */
  'vault:manage',
  'member:read',
  /** Invite, change and remove members below one's own role. */
  'member:manage',
  /** Take from a member what lets them in, and invite them to come again. */
  'member:reset',
  'owner:transfer',
  'group:manage',
  'identity_provider:manage',
  'api_key:read',
  /** Make and revoke keys of services; a key gets nothing that its maker could not hand out. */
  'api_key:manage',
  /** Hand out access to every box. Reads none of them. */
  'access:any_box',
  'box:create',
  /** That a box is there and what it is called; of those that one can reach. */
  'box:read',
  /** Its name, its grants, and its end. */
  'box:manage',
  /** Names and versions of items; never a payload. */
  'item:read',
  'item:seal',
  /** The payload in plaintext. */
  'item:unseal',
  'item:delete',
  /** The item as JWE that only the owner of the vault key can open. */
  'item:export',
  'audit:read',
  /** What runs in the background, how far it is and what came of it. */
  'job:read',
  /** Pause, resume, cancel. */
  'job:manage',
  /** Who is told of what happens to keys, and what became of telling them; never a secret. */
  'webhook:read',
  'webhook:manage',
  /** One's own sessions. */
  'session:manage',
  /** See what an AWS administrator needs, and propose the values that come of it: for links, and nobody else. */
  'aws_setup:answer',
] as const;
export type Action = (typeof ACTIONS)[number];

/** Roles of a box to what they allow in it: what a grant can give, and nothing else gives to people and AWS identities. */
export const BOX_ROLES = {
  read: ['box:read', 'item:read', 'item:unseal'],
  write: ['box:read', 'item:read', 'item:unseal', 'item:seal', 'item:delete'],
  owner: ['box:read', 'item:read', 'item:unseal', 'item:seal', 'item:delete', 'item:export', 'box:manage'],
} as const satisfies Record<string, readonly Action[]>;
export type BoxRole = keyof typeof BOX_ROLES;

/** Allowed in a box or not at all. */
export const BOX_ACTIONS: readonly Action[] = BOX_ROLES.owner;

const OF_EVERY_MEMBER = ['workspace:read', 'vault:read', 'session:manage'] as const;
const OF_ADMINS = [
  ...OF_EVERY_MEMBER,
  'workspace:manage',
  'vault:create',
  'vault:manage',
  'member:read',
  'member:manage',
  'api_key:read',
  'box:create',
  'audit:read',
  'job:read',
  'job:manage',
  'webhook:read',
  'webhook:manage',
] as const;
const OF_SUPER_ADMINS = [...OF_ADMINS, 'member:reset', 'group:manage', 'identity_provider:manage', 'api_key:manage'] as const;

/** Roles to actions: the one place. The operator creates workspaces and sees into none; no role of a workspace opens a box. */
export const ROLES = {
  operator: ['workspace:create'],
  owner: [...OF_SUPER_ADMINS, 'owner:transfer', 'access:any_box'],
  super_admin: OF_SUPER_ADMINS,
  admin: OF_ADMINS,
  user: OF_EVERY_MEMBER,
} as const satisfies Record<string, readonly Action[]>;
export type Role = keyof typeof ROLES;

/** Highest first: nobody manages members of their own role or above, but the owner. */
export const MEMBER_ROLES = ['owner', 'super_admin', 'admin', 'user'] as const satisfies readonly Role[];
export type MemberRole = (typeof MEMBER_ROLES)[number];

const NOT_FOR_KEYS: ReadonlySet<Action> = new Set([
  'workspace:create',
  'member:reset',
  'owner:transfer',
  'session:manage',
  'aws_setup:answer',
]);

/** What a service's key can be for. */
export const SCOPES: readonly Action[] = ACTIONS.filter((action) => !NOT_FOR_KEYS.has(action));
