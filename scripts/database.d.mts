export declare const ROLES: { readonly owner: 'keyhold_owner'; readonly service: 'keyhold_app'; readonly worker: 'keyhold_worker' };
export declare class DatabaseNotUsable extends Error {}
export declare function prepareDatabase(options: {
  adminUrl: string;
  passwords: { owner: string; service: string; worker: string };
  database?: string;
}): Promise<{ serverVersion: string; ownerUrl: string; serviceUrl: string; workerUrl: string }>;
