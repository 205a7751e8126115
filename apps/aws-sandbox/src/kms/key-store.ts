import { arnIn, type Key, type KeyFamily, type RegionalKey } from './key.js';
import { settleDeletions } from './life-cycle.js';

export interface Alias {
  /** with its `alias/` prefix */
  name: string;
  keyId: string;
  createdAt: number;
}

/** All keys and aliases of all accounts and Regions. Deletions that fell due have happened before anything is found. */
export class KeyStore {
  /** by account, then key id */
  private readonly families = new Map<string, Map<string, KeyFamily>>();
  /** by account and Region, then name */
  private readonly aliases = new Map<string, Map<string, Alias>>();

  /** @param onDelete told of every key whose waiting period has ended, and when it ended (ms) */
  constructor(
    private readonly now: () => number,
    private readonly onDelete: (key: Key, at: number) => void,
  ) {}

  add(family: KeyFamily): void {
    const owned = this.families.get(family.accountId) ?? new Map<string, KeyFamily>();
    this.families.set(family.accountId, owned.set(family.keyId, family));
  }

  find(accountId: string, region: string, keyId: string): Key | undefined {
    const family = this.families.get(accountId)?.get(keyId);
    if (!family) return undefined;
    this.settle(family);
    const own = family.regional.get(region);
    return own && keyIn(family, own);
  }

  /** Carries out every deletion that is due, also of keys that nobody asks for. */
  settleAll(): void {
    for (const owned of this.families.values()) for (const family of owned.values()) this.settle(family);
  }

  private settle(family: KeyFamily): void {
    settleDeletions(family, this.now(), (own, at) => this.onDelete(keyIn(family, own), at));
  }

  /** oldest first */
  list(accountId: string, region: string): Key[] {
    const families = [...(this.families.get(accountId)?.values() ?? [])];
    return families.map((family) => this.find(accountId, region, family.keyId)).filter((key) => key !== undefined);
  }

  findAlias(accountId: string, region: string, name: string): Alias | undefined {
    return this.aliases.get(`${accountId}/${region}`)?.get(name);
  }

  /** by name; those of deleted keys are gone with them */
  listAliases(accountId: string, region: string): Alias[] {
    const all = [...(this.aliases.get(`${accountId}/${region}`)?.values() ?? [])];
    return all.filter((alias) => this.find(accountId, region, alias.keyId)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  putAlias(accountId: string, region: string, alias: Alias): void {
    const scope = `${accountId}/${region}`;
    this.aliases.set(scope, (this.aliases.get(scope) ?? new Map<string, Alias>()).set(alias.name, alias));
  }

  deleteAlias(accountId: string, region: string, name: string): void {
    this.aliases.get(`${accountId}/${region}`)?.delete(name);
  }

  snapshot(): KeyStoreSnapshot {
    return {
      families: [...this.families.values()].flatMap((owned) => [...owned.values()]).map(familySnapshot),
      aliases: [...this.aliases].map(([scope, named]) => [scope, [...named.values()]]),
    };
  }

  static restore(snapshot: KeyStoreSnapshot, now: () => number, onDelete: (key: Key, at: number) => void): KeyStore {
    const store = new KeyStore(now, onDelete);
    for (const family of snapshot.families) store.add(restoredFamily(family));
    for (const [scope, named] of snapshot.aliases) store.aliases.set(scope, new Map(named.map((alias) => [alias.name, alias])));
    return store;
  }
}

export const keyIn = (family: KeyFamily, own: RegionalKey): Key => ({ family, own, arn: arnIn(family, own.region) });

export const aliasArn = (region: string, accountId: string, name: string): string => `arn:aws:kms:${region}:${accountId}:${name}`;

type RegionalSnapshot = Omit<RegionalKey, 'tags'> & { tags: [string, string][] };
type FamilySnapshot = Omit<KeyFamily, 'regional'> & { regional: RegionalSnapshot[] };
export interface KeyStoreSnapshot {
  families: FamilySnapshot[];
  aliases: [string, Alias[]][];
}

const familySnapshot = (family: KeyFamily): FamilySnapshot => ({
  ...family,
  regional: [...family.regional.values()].map((own) => ({ ...own, tags: [...own.tags] })),
});

const restoredFamily = (snapshot: FamilySnapshot): KeyFamily => ({
  ...snapshot,
  regional: new Map(snapshot.regional.map((own) => [own.region, { ...own, tags: new Map(own.tags) }])),
});
