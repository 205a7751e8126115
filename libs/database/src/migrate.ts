import { DataSource } from 'typeorm';
import { installQueue } from './install-queue.js';
import { FirstTables1763000000000 } from './migrations/1763000000000-first-tables.js';
import { PrincipalsAndBoxes1764000000000 } from './migrations/1764000000000-principals-and-boxes.js';
import { Limits1765000000000 } from './migrations/1765000000000-limits.js';
import { IdentityProviderTrust1766500000000 } from './migrations/1766500000000-identity-provider-trust.js';
import { ExpiredAwsProofs1766600000000 } from './migrations/1766600000000-expired-aws-proofs.js';
import { MovesAndPurges1767000000000 } from './migrations/1767000000000-moves-and-purges.js';
import { MembersReset1768000000000 } from './migrations/1768000000000-members-reset.js';
import { GroupsHeld1768100000000 } from './migrations/1768100000000-groups-held.js';
import { HealthOfVaultKeys1769000000000 } from './migrations/1769000000000-health-of-vault-keys.js';
import { NodesAndJobs1770000000000 } from './migrations/1770000000000-nodes-and-jobs.js';
import { KeyHealth1770500000000 } from './migrations/1770500000000-key-health.js';
import { CutOff1771000000000 } from './migrations/1771000000000-cut-off.js';
import { ManagedKeys1772000000000 } from './migrations/1772000000000-managed-keys.js';
import { AwsSetupLinks1773000000000 } from './migrations/1773000000000-aws-setup-links.js';
import { Alerts1774000000000 } from './migrations/1774000000000-alerts.js';
import { Moving1775000000000 } from './migrations/1775000000000-moving.js';
import { InvitationIssuers1776300000000 } from './migrations/1776300000000-invitation-issuers.js';

const MIGRATIONS = [
  FirstTables1763000000000,
  PrincipalsAndBoxes1764000000000,
  Limits1765000000000,
  IdentityProviderTrust1766500000000,
  ExpiredAwsProofs1766600000000,
  MovesAndPurges1767000000000,
  MembersReset1768000000000,
  GroupsHeld1768100000000,
  HealthOfVaultKeys1769000000000,
  NodesAndJobs1770000000000,
  KeyHealth1770500000000,
  CutOff1771000000000,
  ManagedKeys1772000000000,
  AwsSetupLinks1773000000000,
  Alerts1774000000000,
  Moving1775000000000,
  InvitationIssuers1776300000000,
];

/** Name of the newest migration; a database that lacks it is not ready for this version. */
export const NEWEST_MIGRATION = new InvitationIssuers1776300000000().name;

/**
 * Runs what is pending, each in a transaction of its own, as the role that owns the database, and installs the queue. Answers the
 * names of what ran.
 */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    synchronize: false,
    installExtensions: false,
    applicationName: 'keyhold-migrate',
    poolSize: 1,
    extra: { lock_timeout: 2000 },
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations();
    await installQueue(source, ownerUrl);
    return ran.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}
