import type { Provider } from '@nestjs/common';
import { BoxRights, MemberRows, RowMacs } from '#access';
import { CreateApiKey, HandOut, KeyUses, RevokeApiKey } from '#api-keys';
import { Database } from '#database';
import { Managers } from '#members';
import { madeOf } from '../made-of.js';

/** The use cases of services' keys. */
export function apiKeyFeatures(): Provider[] {
  return [
    madeOf(HandOut, BoxRights),
    madeOf(CreateApiKey, Database, RowMacs, Managers, HandOut),
    madeOf(RevokeApiKey, Database, MemberRows),
    { provide: KeyUses, inject: [Database], useFactory: (database: Database) => new KeyUses(database) },
  ];
}
