import { RowMacs } from '#access';
import {
  AlertSettingsRows,
  DeliverAlerts,
  MailReceivers,
  Mailer,
  WebhookReceivers,
  WebhookRows,
  WebhookSecrets,
  WebhookTransport,
} from '#alerts';
import { Database, IdempotencyRecords, WorkerDatabase } from '#database';
import { RootKey } from '#envelope';
import { Jobs } from '#jobs';
import { AwsKmsStrategy, DefaultStrategy, KeyStrategyCatalog, ManagedStrategy } from '#key-strategies';
import { customerKms, managedKeyAdministration } from '#settings';
import { OutboundAddresses } from '#outbound';
import { DataKeys, RecordRefusal, VaultKeyUses, VaultKeys } from '#vaults';
import type { Settings } from './config/read-settings.js';

/** Of the worker's own role besides those that run jobs: one listens, and a few ask. */
const OWN_CONNECTIONS = 4;

export type Foundation = ReturnType<typeof foundation>;

/** What every job stands on, made once. */
export function foundation({ config, secrets }: Settings) {
  const rootKey = RootKey.fromBytes(secrets.rootKey);
  const macs = new RowMacs(rootKey);
  const kms = customerKms(config, secrets.awsCredentials);
  const database = new Database({ url: secrets.serviceDatabaseUrl, poolSize: config.databasePool }, new IdempotencyRecords(rootKey));
  const vaultKeys = new VaultKeys(rootKey);
  const strategies = new KeyStrategyCatalog({
    default: new DefaultStrategy(rootKey),
    managed: new ManagedStrategy(kms, managedKeyAdministration(config, secrets.awsCredentials)),
    'aws-kms': new AwsKmsStrategy(kms),
  });
  const [recordRefusal, uses] = [new RecordRefusal(database), new VaultKeyUses(database)];
  return {
    rootKey,
    macs,
    kms,
    /** Across workspaces, as the worker's own role. */
    workerDatabase: new WorkerDatabase({ url: secrets.databaseUrl, poolSize: config.jobsAtOnce + OWN_CONNECTIONS }),
    /** Inside one workspace, as the service. */
    database,
    jobs: new Jobs(macs),
    vaultKeys,
    strategies,
    recordRefusal,
    /** Each time others, so that what one job opens serves no other one. */
    dataKeys: () => new DataKeys(database, vaultKeys, strategies, rootKey, recordRefusal, uses),
  };
}

/** Who tells people and machines of what happened. */
export function deliverAlerts({ config, secrets }: Settings, parts: Foundation, onFailure: (error: unknown) => void): DeliverAlerts {
  const { database, workerDatabase, macs, rootKey } = parts;
  const webhooks = new WebhookRows(macs);
  const transport = new WebhookTransport(new OutboundAddresses(new Set(config.privateWebhookOrigins)));
  const mailer = secrets.mail && new Mailer(secrets.mail);
  const receivers = {
    webhook: new WebhookReceivers(database, webhooks, new WebhookSecrets(rootKey), transport),
    email: new MailReceivers(database, new AlertSettingsRows(macs), mailer),
  };
  return new DeliverAlerts(workerDatabase, database, webhooks, receivers, { onFailure });
}
