import { randomUUID } from 'node:crypto';
import type { JobView } from '#jobs';
import { type Customer, aCustomer } from '../../harness/customer.js';
import { eventually } from '../../harness/eventually.js';
import { type Keyhold, type Workspace, startKeyhold } from '../../harness/service.js';
import { anAwsKmsVault } from '../../harness/vault.js';
import { type Findings, checkVaults } from './check-vaults.js';
import { type CrashingPostgres, aCrashingPostgres } from './crashing-postgres.js';
import { type Model, type SeedOrder, seedVault } from './seeded-vault.js';

/** Two vaults between which items go, each under a key that it can leave for another. */
export interface Pair {
  first: string;
  second: string;
  model: Model;
}

export interface CrashWorld {
  postgres: CrashingPostgres;
  keyhold: Keyhold;
  acme: Workspace;
  customers: readonly [Customer, Customer];
  aPair(order: SeedOrder): Promise<Pair>;
  /** Orders until it is taken; answers the job as it came to rest. */
  order(path: string, body: object): Promise<JobView>;
  /** Orders until it is taken; answers the job as it was made. */
  begin(path: string, body: object): Promise<JobView>;
  rest(jobId: string): Promise<JobView>;
  check(pairs: readonly Pair[]): Promise<Findings>;
  stop(): Promise<void>;
}

export const NOTHING_FOUND: Findings = { lost: [], doubled: [], wrong: [], underOldKeys: [] };
const AT_REST: readonly string[] = ['completed', 'failed', 'paused', 'cancelled'];

export async function aCrashWorld(): Promise<CrashWorld> {
  let adminUrl = '';
  const postgres = await aCrashingPostgres(() => adminUrl);
  process.env['KEYHOLD_TEST_PG_URL'] = postgres.url; // of this test file alone
  const keyhold = await startKeyhold();
  adminUrl = keyhold.database.adminUrl;
  const acme = await keyhold.aWorkspace('Acme');
  const identity = { externalId: acme.id, principalArn: keyhold.platform.principalArn };
  const customers = [await aCustomer(keyhold.sandbox, identity), await aCustomer(keyhold.sandbox, identity)] as const;
  const aVault = async (customer: Customer) =>
    (await anAwsKmsVault(keyhold, acme, { name: randomUUID(), itemsPerDataKey: 20 }, customer)).vaultId;
  const jobOf = async (jobId: string): Promise<JobView | undefined> => {
    const { status, body } = await acme.call('GET', `/jobs/${jobId}`);
    return status === 200 ? (body as JobView) : undefined;
  };
  const rest = async (jobId: string): Promise<JobView> => {
    const patience = { withinMs: 400_000, everyMs: 100 };
    const job = await eventually(
      () => jobOf(jobId),
      (one) => one !== undefined && AT_REST.includes(one.state),
      patience,
    );
    if (!job) throw new Error('a job that is not there');
    return job;
  };
  const begin = async (path: string, body: object): Promise<JobView> => {
    const headers = { 'idempotency-key': randomUUID() };
    for (;;) {
      const answer = await acme.call('POST', path, body, headers);
      if (answer.status === 200) return answer.body.job as JobView;
      if (![422, 429, 503].includes(answer.status)) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      if (answer.status === 422) headers['idempotency-key'] = randomUUID(); // a fault struck the checks of the key
      await new Promise((again) => setTimeout(again, 200));
    }
  };
  return {
    postgres,
    keyhold,
    acme,
    customers,
    begin,
    rest,
    async aPair(order) {
      const [first, second] = [await aVault(customers[0]), await aVault(customers[0])];
      const model = await seedVault(postgres, keyhold.rootKey, acme, { vaultId: first, customer: customers[0] }, order);
      return { first, second, model };
    },
    order: async (path, body) => rest((await begin(path, body)).id),
    check(pairs) {
      const model: Model = new Map(pairs.flatMap((pair) => [...pair.model]));
      const vaults = pairs.flatMap(({ first, second }) => [first, second]);
      return checkVaults(postgres, keyhold.rootKey, vaults, customers, model);
    },
    async stop() {
      await keyhold.stop();
      await postgres.stop();
    },
  };
}
