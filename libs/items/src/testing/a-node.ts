import { randomUUID } from 'node:crypto';
import { BoxRights, GrantRows, type RequestContext, RowMacs } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { DefaultStrategy, KeyStrategyCatalog, type KeyWrapper, type VaultKey } from '#key-strategies';
import {
  CreateVault,
  DataKeys,
  KeyClaims,
  MakeManagedKey,
  PurgeDataKeys,
  RecordRefusal,
  UpdateVault,
  VaultKeyUses,
  VaultKeys,
  VaultViews,
  firstVault,
  ProveVaultKey,
} from '#vaults';
import { CreateWorkspace } from '#workspaces';
import { aService } from '../../../access/src/testing/a-service.js';
import { firstThings } from '../../../boxes/src/testing/first-things.js';
import { DeleteItem } from '../delete-item.js';
import { ItemPlaces } from '../item-places.js';
import { MoveItem } from '../move-item.js';
import { MoveItemToVault } from '../move-item-to-vault.js';
import { OpenStoredItem } from '../open-stored-item.js';
import { ResealItems } from '../reseal-items.js';
import { ResealVersions } from '../reseal-versions.js';
import { SealData } from '../seal-data.js';
import { SealItem } from '../seal-item.js';
import { SealItemVersion } from '../seal-item-version.js';
import { UnsealData } from '../unseal-data.js';
import { UnsealItem } from '../unseal-item.js';

/** What happens to a node's requests to its vault keys. */
export interface KeyOwner {
  asked: number;
  /** Called before each unwrapping; throws what the owner of the key answers, or keeps it waiting. */
  beforeUnwrap: () => unknown;
  beforeWrap: () => unknown;
}

/** The use cases of one process, with caches of its own, over a database that it may share with other nodes. */
export interface Node {
  database: Database;
  owner: KeyOwner;
  dataKeys: DataKeys;
  /** By how much the node's clock runs ahead of ours: its data keys are so much older. */
  clock: { aheadMs: number };
  updateVault: UpdateVault;
  purgeDataKeys: PurgeDataKeys;
  createWorkspace: CreateWorkspace;
  sealItem: SealItem;
  unsealItem: UnsealItem;
  sealData: SealData;
  unsealData: UnsealData;
  sealItemVersion: SealItemVersion;
  deleteItem: DeleteItem;
  moveItem: MoveItem;
  moveItemToVault: MoveItemToVault;
  /** Of the strategy `default`; answers its id. */
  aVault(ctx: RequestContext): Promise<string>;
}

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 7));

export function aNode(databaseUrl: string): Node {
  const database = new Database({ url: databaseUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
  const owner: KeyOwner = { asked: 0, beforeUnwrap: () => undefined, beforeWrap: () => undefined };
  const clock = { aheadMs: 0 };
  const vaultKeys = new VaultKeys(ROOT_KEY);
  const strategy = new OwnedStrategy(owner);
  // only vaults of the strategy `default` are made here
  const catalog = new KeyStrategyCatalog({ default: strategy, managed: strategy as never, 'aws-kms': strategy as never });
  const dataKeys = new DataKeys(
    database,
    vaultKeys,
    catalog,
    ROOT_KEY,
    new RecordRefusal(database),
    new VaultKeyUses(database),
    () => performance.now() + clock.aheadMs,
  );
  const macs = new RowMacs(ROOT_KEY);
  const rights = new BoxRights(new GrantRows(macs));
  const places = new ItemPlaces(macs, rights);
  return {
    database,
    owner,
    dataKeys,
    clock,
    updateVault: new UpdateVault(database, new VaultViews(vaultKeys, catalog)),
    purgeDataKeys: new PurgeDataKeys(database),
    createWorkspace: new CreateWorkspace(database, new RowMacs(ROOT_KEY), (id) => firstThings(ROOT_KEY, id, firstVault(vaultKeys, id))),
    sealItem: new SealItem(database, dataKeys, rights, places),
    unsealItem: new UnsealItem(database, new OpenStoredItem(database, dataKeys, places)),
    sealData: new SealData(database, dataKeys),
    unsealData: new UnsealData(database, dataKeys),
    sealItemVersion: new SealItemVersion(database, dataKeys, places),
    deleteItem: new DeleteItem(database, places),
    moveItem: new MoveItem(database, rights, places),
    moveItemToVault: new MoveItemToVault(database, new ResealItems(database, new ResealVersions(dataKeys)), places),
    aVault: async (ctx) => {
      const createVault = new CreateVault(
        database,
        catalog,
        vaultKeys,
        new ProveVaultKey(database, catalog, vaultKeys, new KeyClaims(ROOT_KEY), 0),
        new VaultViews(vaultKeys, catalog),
        new MakeManagedKey(database, 0),
      );
      const order = { name: randomUUID(), strategy: 'default' as const, setAsDefault: false, keyConfig: undefined, settings: {} };
      return (await createVault.run(ctx, order)).vault.id;
    },
  };
}

/** A service's request, of its own workspace unless told which. */
export function aRequest(workspaceId: string = randomUUID(), idempotencyKey?: string): RequestContext {
  const idempotency = idempotencyKey === undefined ? undefined : { key: idempotencyKey, requestDigest: Buffer.alloc(32) };
  return aService(workspaceId, idempotency && { idempotency });
}

/** `default`, with an owner of the key who can be heard and can refuse. */
class OwnedStrategy extends DefaultStrategy {
  constructor(private readonly owner: KeyOwner) {
    super(ROOT_KEY);
  }

  override open(key: VaultKey): KeyWrapper {
    const wrapper = super.open(key);
    return {
      wrap: async (context, dataKey) => {
        await this.owner.beforeWrap();
        return wrapper.wrap(context, dataKey);
      },
      unwrap: async (context, wrapped) => {
        this.owner.asked += 1;
        await this.owner.beforeUnwrap();
        return wrapper.unwrap(context, wrapped);
      },
      probe: () => wrapper.probe(),
    };
  }
}
