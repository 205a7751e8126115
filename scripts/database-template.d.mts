export declare const TEST_PASSWORDS: { owner: string; service: string; worker: string };
export declare function copyMigrated(order: {
  adminUrl: string;
  newest: string;
  migrate: (ownerUrl: string) => Promise<unknown>;
  database?: string;
}): Promise<void>;
