/**
 * The claim: who may do what in a workspace of their own, written by hand. It is not read from the code that it is held against.
 * `reader`, `writer` and `keeper` are what a grant makes of people and AWS identities in one box; the Owner is a keeper of the
 * first box, through the group that owns it. `key` is a service whose key has the scope, and reaches the box. `link` is whoever
 * holds a link for AWS administrators.
 */
export const WHO_MAY = {
  'workspace:create': 'operator',
  'workspace:read': 'owner super_admin admin user key',
  'workspace:manage': 'owner super_admin admin key',
  'vault:read': 'owner super_admin admin user key',
  'vault:create': 'owner super_admin admin key',
  'vault:manage': 'owner super_admin admin key',
  'member:read': 'owner super_admin admin key',
  'member:manage': 'owner super_admin admin key',
  'member:reset': 'owner super_admin',
  'owner:transfer': 'owner',
  'group:manage': 'owner super_admin key',
  'identity_provider:manage': 'owner super_admin key',
  'api_key:read': 'owner super_admin admin key',
  'api_key:manage': 'owner super_admin key',
  'access:any_box': 'owner key',
  'box:create': 'owner super_admin admin key',
  'audit:read': 'owner super_admin admin key',
  'job:read': 'owner super_admin admin key',
  'job:manage': 'owner super_admin admin key',
  'webhook:read': 'owner super_admin admin key',
  'webhook:manage': 'owner super_admin admin key',
  'session:manage': 'owner super_admin admin user',
  'aws_setup:answer': 'link',
  // In a box, and only there:
  'box:read': 'reader writer keeper key',
  'item:read': 'reader writer keeper key',
  'item:unseal': 'reader writer keeper key',
  'item:seal': 'writer keeper key',
  'item:delete': 'writer keeper key',
  'item:export': 'keeper key',
  'box:manage': 'keeper key',
} as const;

export type Act = keyof typeof WHO_MAY;
type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Text;
export type Standing = Words<(typeof WHO_MAY)[Act]>;

/** What can be done in a box, or not at all. */
export const IN_A_BOX: readonly Act[] = ['box:read', 'item:read', 'item:unseal', 'item:seal', 'item:delete', 'item:export', 'box:manage'];

export function may(standing: Standing, act: Act): boolean {
  return (WHO_MAY[act].split(' ') as Standing[]).includes(standing);
}
