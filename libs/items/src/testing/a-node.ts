import { randomUUID } from 'node:crypto';
import { ROLES, type RequestContext, TokenMacs } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { DefaultStrategy, KeyStrategyCatalog, type KeyWrapper, type VaultKey } from '#key-strategies';
import { DataKeys, RecordRefusal, VaultKeys, firstVault } from '#vaults';
import { CreateWorkspace } from '#workspaces';
import { OpenStoredItem } from '../open-stored-item.js';
import { SealData } from '../seal-data.js';
import { SealItem } from '../seal-item.js';
import { UnsealData } from '../unseal-data.js';
import { UnsealItem } from '../unseal-item.js';

/** What happens to a node's requests to its vault keys. */
export interface KeyOwner {
  asked: number;
  /** Called before each unwrapping; throws what the owner of the key answers. */
  beforeUnwrap: () => void;
}

/** The use cases of one process, with caches of its own, over a database that it may share with other nodes. */
export interface Node {
  database: Database;
  owner: KeyOwner;
  createWorkspace: CreateWorkspace;
  sealItem: SealItem;
  unsealItem: UnsealItem;
  sealData: SealData;
  unsealData: UnsealData;
}

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 7));

export function aNode(databaseUrl: string): Node {
  const database = new Database({ url: databaseUrl, poolSize: 4 }, new IdempotencyRecords(ROOT_KEY));
  const owner: KeyOwner = { asked: 0, beforeUnwrap: () => undefined };
  const vaultKeys = new VaultKeys(ROOT_KEY);
  const strategy = new OwnedStrategy(owner);
  // only vaults of the strategy `default` are made here
  const catalog = new KeyStrategyCatalog({ default: strategy, 'aws-kms': strategy as never });
  const dataKeys = new DataKeys(database, vaultKeys, catalog, ROOT_KEY, new RecordRefusal(database));
  return {
    database,
    owner,
    createWorkspace: new CreateWorkspace(database, new TokenMacs(ROOT_KEY), (workspaceId) => firstVault(vaultKeys, workspaceId)),
    sealItem: new SealItem(database, dataKeys),
    unsealItem: new UnsealItem(database, new OpenStoredItem(database, dataKeys)),
    sealData: new SealData(database, dataKeys),
    unsealData: new UnsealData(database, dataKeys),
  };
}

/** An owner's request, of its own workspace unless told which. */
export function aRequest(workspaceId: string = randomUUID(), idempotencyKey?: string): RequestContext {
  return {
    principal: { kind: 'token', role: 'owner', id: 'tester', name: 'Tester' },
    workspaceId,
    actions: new Set(ROLES.owner),
    requestId: randomUUID(),
    sourceAddress: '127.0.0.1',
    ...(idempotencyKey !== undefined && { idempotency: { key: idempotencyKey, requestDigest: Buffer.alloc(32) } }),
  };
}

/** `default`, with an owner of the key who can be heard and can refuse. */
class OwnedStrategy extends DefaultStrategy {
  constructor(private readonly owner: KeyOwner) {
    super(ROOT_KEY);
  }

  override open(key: VaultKey): KeyWrapper {
    const wrapper = super.open(key);
    return {
      wrap: (context, dataKey) => wrapper.wrap(context, dataKey),
      unwrap: async (context, wrapped) => {
        this.owner.asked += 1;
        this.owner.beforeUnwrap();
        return wrapper.unwrap(context, wrapped);
      },
      probe: () => wrapper.probe(),
    };
  }
}
