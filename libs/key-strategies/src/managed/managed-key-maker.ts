import { AwsError, type AwsRegion, type KeyAdministrator, type ManagedKeyAdministration, type Trail } from '#aws';
import { type AwsKmsTarget, parseConfig } from '../kms-keys/aws-kms-config.js';
import { type KeyCall, type KeyMaker, KeyStrategyError, type VaultKey, type VaultKeyName } from '../contract.js';
import { makingError } from './making-error.js';

/** How long a new key may take to become usable in both Regions before the request gives up; the next one goes on. */
const USABLE_WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 2_000;
/** The shortest that AWS takes: nothing was ever sealed under a stray. */
const STRAY_DAYS = 7;
const DAY_MS = 86_400_000;

const ACCOUNT = /^arn:aws:iam::([0-9]{12}):/;
/** KeyStates of a key whose end is scheduled. */
const ENDING: ReadonlySet<string> = new Set(['PendingDeletion', 'PendingReplicaDeletion']);

/** Makes and ends RSA_4096 multi-Region keys: the primary in the main Region, its replica in the other one. */
export class ManagedKeyMaker implements KeyMaker {
  constructor(
    private readonly administration: ManagedKeyAdministration,
    private readonly usableWithinMs = USABLE_WITHIN_MS,
  ) {}

  make(name: VaultKeyName, isFirst: boolean, calls: KeyCall[]): Promise<AwsKmsTarget> {
    return this.#as(name, calls, async (administrator) => {
      const keyId = isFirst ? undefined : await this.#started(administrator);
      return this.#complete(administrator, keyId ?? (await administrator.createKey(this.#main)));
    });
  }

  end(key: VaultKey, days: number, calls: KeyCall[]): Promise<Date> {
    return this.#as(key, calls, (administrator) => this.#end(administrator, parseConfig(key.config).keyId, days));
  }

  revive(key: VaultKey, calls: KeyCall[]): Promise<void> {
    return this.#as(key, calls, async (administrator) => {
      const { keyId } = parseConfig(key.config);
      if (!(await this.#enable(administrator, keyId, this.#main))) throw goneForGood();
      await this.#enable(administrator, keyId, this.#replica);
      await this.#complete(administrator, keyId); // its replica may be gone already: the primary can make it again
    });
  }

  endStrays(name: VaultKeyName, inUse: readonly VaultKey[], calls: KeyCall[]): Promise<string[]> {
    const kept = new Set(inUse.map(({ config }) => parseConfig(config).keyId));
    return this.#as(name, calls, async (administrator) => {
      const made = await administrator.findByTags(this.#main);
      const strays: string[] = [];
      for (const keyId of made.filter((found) => !kept.has(found))) if (await this.#endStray(administrator, keyId)) strays.push(keyId);
      return strays;
    });
  }

  isEnding(key: VaultKey): Promise<boolean> {
    return this.#as(key, [], async (administrator) => {
      const found = await administrator.describe(parseConfig(key.config).keyId, this.#main);
      return found === undefined || ENDING.has(found.state);
    });
  }

  get #main(): AwsRegion {
    return this.administration.regions.main;
  }

  get #replica(): AwsRegion {
    return this.administration.regions.replica;
  }

  /** The key with which an earlier try ended. Of two, made when an answer was lost, the one that is further. */
  async #started(administrator: KeyAdministrator): Promise<string | undefined> {
    const usable: { keyId: string; replicas: number }[] = [];
    for (const keyId of await administrator.findByTags(this.#main)) {
      const found = await administrator.describe(keyId, this.#main);
      if (found?.state === 'Enabled' || found?.state === 'Creating') usable.push({ keyId, replicas: found.replicaRegions.length });
    }
    return usable.sort((a, b) => b.replicas - a.replicas)[0]?.keyId;
  }

  async #complete(administrator: KeyAdministrator, keyId: string): Promise<AwsKmsTarget> {
    await this.#usable(administrator, keyId, this.#main);
    await administrator.createAlias(keyId, this.#main);
    const described = await administrator.describe(keyId, this.#main);
    if (!described?.replicaRegions.includes(this.#replica)) await administrator.replicateKey(keyId, this.#main, this.#replica);
    await this.#usable(administrator, keyId, this.#replica);
    await administrator.createAlias(keyId, this.#replica);
    const [, accountId = ''] = ACCOUNT.exec(this.administration.roles.userRoleArn) ?? [];
    return { accountId, keyId, roleArn: this.administration.roles.userRoleArn };
  }

  /** A key that was made a moment ago is not there yet, or `Creating`. */
  async #usable(administrator: KeyAdministrator, keyId: string, region: AwsRegion): Promise<void> {
    const { clock } = this.administration;
    const endsAt = clock.now() + this.usableWithinMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
      const found = await administrator.describe(keyId, region);
      if (found && found.state !== 'Creating') return;
      if (clock.now() + pauseMs > endsAt) throw notUsableYet(region);
      await clock.sleep(pauseMs);
    }
  }

  /** The replica first: the primary's waiting period begins when its replica is gone. */
  async #end(administrator: KeyAdministrator, keyId: string, days: number): Promise<Date> {
    if (!(await administrator.describe(keyId, this.#main))) return new Date(); // somebody was faster
    if (!(await administrator.isOurs(keyId, this.#main))) throw notOurs();
    await schedule(administrator, keyId, this.#replica, days);
    await schedule(administrator, keyId, this.#main, days);
    const replica = await administrator.describe(keyId, this.#replica);
    return new Date((replica?.deletesAt?.getTime() ?? Date.now()) + days * DAY_MS);
  }

  async #endStray(administrator: KeyAdministrator, keyId: string): Promise<boolean> {
    const found = await administrator.describe(keyId, this.#main);
    if (!found || ENDING.has(found.state)) return false;
    await this.#end(administrator, keyId, STRAY_DAYS);
    return true;
  }

  /** Answers whether the Region has the key. */
  async #enable(administrator: KeyAdministrator, keyId: string, region: AwsRegion): Promise<boolean> {
    const found = await administrator.describe(keyId, region);
    if (!found) return false;
    if (ENDING.has(found.state)) await administrator.cancelDeletion(keyId, region);
    if (found.state !== 'Enabled') await administrator.enable(keyId, region);
    return true;
  }

  async #as<T>(name: VaultKeyName, calls: KeyCall[], work: (administrator: KeyAdministrator) => Promise<T>): Promise<T> {
    const trail: Trail = [];
    try {
      return await work(await this.administration.open(name, trail));
    } catch (error) {
      throw error instanceof AwsError ? makingError(error) : error;
    } finally {
      calls.push(...trail);
    }
  }
}

/** Also where the replica is gone or its end is scheduled already. */
async function schedule(administrator: KeyAdministrator, keyId: string, region: AwsRegion, days: number): Promise<void> {
  const found = await administrator.describe(keyId, region);
  if (found && !ENDING.has(found.state)) await administrator.scheduleDeletion(keyId, region, days);
}

function goneForGood(): KeyStrategyError {
  return new KeyStrategyError('refused', { cause: 'key_not_found', remedy: 'The key is gone for good. Create a new vault.' });
}

/** Whatever the database says: only a key that carries this vault key's tags is ended. */
function notOurs(): KeyStrategyError {
  return new KeyStrategyError('refused', { cause: 'key_not_of_this_vault' });
}

function notUsableYet(region: AwsRegion): KeyStrategyError {
  return new KeyStrategyError('unreachable', {
    cause: 'key_not_ready',
    region,
    remedy: `The new key is not usable in ${region} yet. Repeat the same request: it goes on with this key and makes no other.`,
  });
}
