import type { Provider } from '@nestjs/common';
import { BoxRights, GrantRows, MemberRows, RowMacs } from '#access';
import { CustomerKms, regionPair } from '#aws';
import { Cursors, Database } from '#database';
import { DrillViews, Drills, StartDrill } from '#drills';
import { RootKey } from '#envelope';
import { DirectJob, Jobs } from '#jobs';
import {
  DeleteItem,
  ExportItem,
  ItemPlaces,
  MoveItem,
  MoveItemToVault,
  OpenStoredItem,
  ResealItems,
  ResealVersions,
  SealData,
  SealItem,
  SealItemVersion,
  UnsealData,
  UnsealItem,
} from '#items';
import { managedKeyAdministration } from '#settings';
import { AwsKmsStrategy, DefaultStrategy, KeyStrategyCatalog, ManagedStrategy } from '#key-strategies';
import {
  ChangeVaultStanding,
  CreateVault,
  DataKeys,
  DeleteVault,
  KeyClaims,
  MakeManagedKey,
  ObeyPurges,
  ProveVaultKey,
  PurgeDataKeys,
  RecordRefusal,
  RestoreVault,
  ResumeVault,
  SetDefaultVault,
  SettleManagedKeys,
  UpdateVault,
  VaultKeyUses,
  VaultKeys,
  VaultViews,
  VerifyVault,
  firstVault,
} from '#vaults';
import { AddGrant, BoxQuota, ChangeGrant, CreateBox, DeleteBox, EffectiveAccess, RestoreBox, UpdateBox, firstBox } from '#boxes';
import { firstMembers } from '#members';
import { CreateWorkspace, type FirstThings, UpdateWorkspace } from '#workspaces';
import type { Settings } from './config/read-settings.js';
import { alertFeatures } from './alerts/alert-features.js';
import { apiKeyFeatures } from './api-keys/api-key-features.js';
import { memberFeatures } from './members/member-features.js';
import { onboardingFeatures } from './onboarding/onboarding-features.js';
import { signInFeatures } from './sign-in/sign-in-features.js';
import { movingFeatures } from './moving/moving-features.js';
import { Pages } from './input/pages.js';
import { madeOf } from './made-of.js';
import { NodeLife } from './node-life.js';
import { HearPurges } from './vaults/hear-purges.js';
import { AwsSetup } from './workspaces/aws-setup.js';

/** The use cases, each made of what stands in its constructor. */
export function features(settings: Settings): Provider[] {
  const { config, secrets } = settings;
  return [
    madeOf(Pages, Cursors),
    {
      provide: KeyStrategyCatalog,
      inject: [RootKey, CustomerKms],
      useFactory: (rootKey: RootKey, kms: CustomerKms) =>
        new KeyStrategyCatalog({
          default: new DefaultStrategy(rootKey),
          managed: new ManagedStrategy(kms, managedKeyAdministration(config, secrets.awsCredentials)),
          'aws-kms': new AwsKmsStrategy(kms),
        }),
    },
    {
      provide: AwsSetup,
      useFactory: () => new AwsSetup(config.awsPrincipalArn, regionPair(config.mainRegion, config.replicaRegion), config.deploymentId),
    },
    madeOf(UpdateWorkspace, Database),
    {
      provide: CreateWorkspace,
      inject: [Database, RowMacs, VaultKeys, MemberRows, GrantRows],
      useFactory: (database: Database, macs: RowMacs, keys: VaultKeys, members: MemberRows, grants: GrantRows) =>
        new CreateWorkspace(database, macs, (workspaceId, ownerEmail): FirstThings => {
          const first = firstMembers(members, grants, workspaceId, ownerEmail);
          return { vault: firstVault(keys, workspaceId), members: first, box: firstBox(grants, workspaceId, first.groupId) };
        }),
    },

    ...memberFeatures(),
    ...signInFeatures(),
    ...apiKeyFeatures(),
    ...onboardingFeatures(settings),
    ...alertFeatures(settings),

    madeOf(VaultKeys, RootKey),
    madeOf(KeyClaims, RootKey),
    madeOf(VaultViews, VaultKeys, KeyStrategyCatalog),
    madeOf(RecordRefusal, Database),
    madeOf(VaultKeyUses, Database),
    {
      provide: DataKeys,
      inject: [Database, VaultKeys, KeyStrategyCatalog, RootKey, RecordRefusal, VaultKeyUses],
      useFactory: (...parts: [Database, VaultKeys, KeyStrategyCatalog, RootKey, RecordRefusal, VaultKeyUses]) => new DataKeys(...parts),
    },
    {
      provide: ProveVaultKey,
      inject: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims],
      useFactory: (...parts: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims]) =>
        new ProveVaultKey(...parts, config.registrationSettleSeconds),
    },
    madeOf(CreateVault, Database, KeyStrategyCatalog, VaultKeys, ProveVaultKey, VaultViews, MakeManagedKey),
    {
      provide: MakeManagedKey,
      inject: [Database],
      useFactory: (database: Database) => new MakeManagedKey(database, config.registrationSettleSeconds),
    },
    madeOf(SettleManagedKeys, Database, VaultKeys, KeyStrategyCatalog),
    madeOf(DeleteVault, Database, KeyStrategyCatalog, SettleManagedKeys),
    madeOf(RestoreVault, Database, KeyStrategyCatalog, VaultKeys, VaultViews),
    madeOf(VerifyVault, Database, KeyStrategyCatalog, VaultKeys, DataKeys),
    madeOf(UpdateVault, Database, VaultViews),
    madeOf(SetDefaultVault, Database, VaultViews),
    madeOf(ChangeVaultStanding, Database, VaultViews),
    madeOf(ResumeVault, Database, VaultViews, VerifyVault),
    madeOf(PurgeDataKeys, Database),
    {
      provide: HearPurges,
      inject: [Database, DataKeys, NodeLife],
      useFactory: (database: Database, dataKeys: DataKeys, { id }: NodeLife) =>
        new HearPurges(secrets.databaseUrl, new ObeyPurges(database, dataKeys, id)),
    },
    ...movingFeatures,

    madeOf(Jobs, RowMacs),
    madeOf(DirectJob, Database, Jobs),

    madeOf(DrillViews, VaultViews),
    madeOf(Drills, Database, Jobs, DrillViews),
    madeOf(StartDrill, Database, Jobs, DataKeys, KeyStrategyCatalog, DrillViews),

    { provide: BoxQuota, useFactory: () => new BoxQuota(config.boxesPerWorkspace) },
    madeOf(CreateBox, Database, BoxRights, GrantRows, BoxQuota),
    madeOf(UpdateBox, Database, BoxRights, GrantRows),
    madeOf(DeleteBox, Database, BoxRights),
    madeOf(RestoreBox, Database, BoxRights, BoxQuota),
    madeOf(EffectiveAccess, BoxRights, MemberRows, RowMacs),
    madeOf(AddGrant, Database, BoxRights, GrantRows),
    madeOf(ChangeGrant, Database, BoxRights, GrantRows),

    madeOf(ItemPlaces, RowMacs, BoxRights),
    madeOf(SealItem, Database, DataKeys, BoxRights, ItemPlaces),
    madeOf(SealItemVersion, Database, DataKeys, ItemPlaces),
    madeOf(OpenStoredItem, Database, DataKeys, ItemPlaces),
    madeOf(UnsealItem, Database, OpenStoredItem),
    madeOf(ExportItem, Database, OpenStoredItem, VaultKeys, KeyStrategyCatalog, ItemPlaces),
    madeOf(DeleteItem, Database, ItemPlaces),
    madeOf(MoveItem, Database, BoxRights, ItemPlaces),
    madeOf(ResealVersions, DataKeys),
    madeOf(ResealItems, Database, ResealVersions),
    madeOf(MoveItemToVault, Database, ResealItems, ItemPlaces),
    madeOf(SealData, Database, DataKeys),
    madeOf(UnsealData, Database, DataKeys),
  ];
}
