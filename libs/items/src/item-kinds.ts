/** A login record, or any other sealed value. */
export const ITEM_KINDS = ['account', 'secret'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

/** What a secret is; an account has none. */
export const SECRET_CATEGORIES = ['text', 'wifi_password', 'ssh_key', 'database', 'server', 'software_license', 'custom'] as const;
export type SecretCategory = (typeof SECRET_CATEGORIES)[number];
