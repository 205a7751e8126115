import type { Provider } from '@nestjs/common';
import { BoxRights, RowMacs } from '#access';
import { CreateApiKey, HandOut, KeyUses, Makers, RevokeApiKey } from '#api-keys';
import { Database } from '#database';
import { Managers } from '#members';
import { madeOf } from '../made-of.js';

/** The use cases of services' keys. */
export function apiKeyFeatures(): Provider[] {
  return [
    madeOf(Makers, Managers),
    madeOf(HandOut, BoxRights),
    madeOf(CreateApiKey, Database, RowMacs, Makers, HandOut),
    madeOf(RevokeApiKey, Database),
    { provide: KeyUses, inject: [Database], useFactory: (database: Database) => new KeyUses(database) },
  ];
}
