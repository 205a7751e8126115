import type { Provider } from '@nestjs/common';
import { TokenMacs } from '#access';
import { CustomerKms, regionPair } from '#aws';
import { Cursors, Database } from '#database';
import { RootKey } from '#envelope';
import { DeleteItem, ExportItem, OpenStoredItem, SealData, SealItem, SealItemVersion, UnsealData, UnsealItem } from '#items';
import { AwsKmsStrategy, DefaultStrategy, KeyStrategyCatalog } from '#key-strategies';
import {
  CreateVault,
  DataKeys,
  KeyClaims,
  RecordRefusal,
  SetDefaultVault,
  UpdateVault,
  VaultKeys,
  VaultViews,
  VerifyVault,
  firstVault,
} from '#vaults';
import { CreateWorkspace } from '#workspaces';
import type { Settings } from './config/read-settings.js';
import { Pages } from './input/pages.js';
import { madeOf } from './made-of.js';
import { AwsSetup } from './workspaces/aws-setup.js';

/** The use cases, each made of what stands in its constructor. */
export function features({ config }: Settings): Provider[] {
  return [
    madeOf(Pages, Cursors),
    {
      provide: KeyStrategyCatalog,
      inject: [RootKey, CustomerKms],
      useFactory: (rootKey: RootKey, kms: CustomerKms) =>
        new KeyStrategyCatalog({
          default: new DefaultStrategy(rootKey),
          'aws-kms': new AwsKmsStrategy(kms),
        }),
    },
    { provide: AwsSetup, useFactory: () => new AwsSetup(config.awsPrincipalArn, regionPair(config.mainRegion, config.replicaRegion)) },
    {
      provide: CreateWorkspace,
      inject: [Database, TokenMacs, VaultKeys],
      useFactory: (database: Database, macs: TokenMacs, keys: VaultKeys) =>
        new CreateWorkspace(database, macs, (workspaceId) => firstVault(keys, workspaceId)),
    },

    madeOf(VaultKeys, RootKey),
    madeOf(KeyClaims, RootKey),
    madeOf(VaultViews, VaultKeys, KeyStrategyCatalog),
    madeOf(RecordRefusal, Database),
    {
      provide: DataKeys,
      inject: [Database, VaultKeys, KeyStrategyCatalog, RootKey, RecordRefusal],
      useFactory: (...parts: [Database, VaultKeys, KeyStrategyCatalog, RootKey, RecordRefusal]) => new DataKeys(...parts),
    },
    {
      provide: CreateVault,
      inject: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims, VaultViews],
      useFactory: (...parts: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims, VaultViews]) =>
        new CreateVault(...parts, config.registrationSettleSeconds),
    },
    madeOf(VerifyVault, Database, KeyStrategyCatalog, VaultKeys, DataKeys),
    madeOf(UpdateVault, Database, VaultViews),
    madeOf(SetDefaultVault, Database, VaultViews),

    madeOf(SealItem, Database, DataKeys),
    madeOf(SealItemVersion, Database, DataKeys),
    madeOf(OpenStoredItem, Database, DataKeys),
    madeOf(UnsealItem, Database, OpenStoredItem),
    madeOf(ExportItem, Database, OpenStoredItem, VaultKeys, KeyStrategyCatalog),
    madeOf(DeleteItem, Database),
    madeOf(SealData, Database, DataKeys),
    madeOf(UnsealData, Database, DataKeys),
  ];
}
