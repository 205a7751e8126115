import type { Provider } from '@nestjs/common';
import { Database } from '#database';
import { Jobs } from '#jobs';
import { KeyStrategyCatalog } from '#key-strategies';
import { OrderItemMoves, OrderRekey, UndoRekey } from '#moving';
import { KeyClaims, ProveVaultKey, VaultKeys } from '#vaults';
import { madeOf } from '../made-of.js';

/** Orders of what the worker does. */
export function movingFeatures(registrationSettleSeconds: number): Provider[] {
  return [
    {
      provide: ProveVaultKey,
      inject: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims],
      useFactory: (...parts: [Database, KeyStrategyCatalog, VaultKeys, KeyClaims]) =>
        new ProveVaultKey(...parts, registrationSettleSeconds),
    },
    madeOf(OrderRekey, Database, ProveVaultKey, VaultKeys, Jobs),
    madeOf(UndoRekey, Database, ProveVaultKey, VaultKeys, Jobs),
    madeOf(OrderItemMoves, Database, Jobs),
  ];
}
