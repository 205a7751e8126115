import type { Provider } from '@nestjs/common';
import { Database } from '#database';
import { Jobs } from '#jobs';
import { KeyStrategyCatalog } from '#key-strategies';
import { OrderItemMoves, OrderRekey, UndoRekey } from '#moving';
import { ProveVaultKey, VaultKeys } from '#vaults';
import { madeOf } from '../made-of.js';

/** Orders of what the worker does. */
export const movingFeatures: Provider[] = [
  madeOf(OrderRekey, Database, KeyStrategyCatalog, ProveVaultKey, VaultKeys, Jobs),
  madeOf(UndoRekey, Database, ProveVaultKey, VaultKeys, Jobs),
  madeOf(OrderItemMoves, Database, Jobs),
];
