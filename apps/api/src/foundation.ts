import type { Provider } from '@nestjs/common';
import { Authenticator, BoxRights, GrantRows, MemberRows, RowMacs } from '#access';
import { CustomerKms } from '#aws';
import { Cursors, Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { SignInLimiter, TokenGuesses, tryLimits } from '#limits';
import { customerKms } from '#settings';
import type { Settings } from './config/read-settings.js';
import { madeOf } from './made-of.js';

/** What every feature stands on, made once: keys, the two doors to data, callers and AWS. */
export function foundation(settings: Settings): Provider[] {
  return [
    { provide: RootKey, useFactory: () => RootKey.fromBytes(settings.secrets.rootKey) },
    madeOf(IdempotencyRecords, RootKey),
    madeOf(Cursors, RootKey),
    madeOf(RowMacs, RootKey),
    madeOf(MemberRows, RowMacs),
    madeOf(GrantRows, RowMacs),
    madeOf(BoxRights, GrantRows),
    { provide: Database, inject: [IdempotencyRecords], useFactory: (records: IdempotencyRecords) => database(settings, records) },
    {
      provide: Authenticator,
      inject: [Database, RowMacs, MemberRows],
      useFactory: (reader: Database, macs: RowMacs, members: MemberRows) =>
        new Authenticator(reader, macs, members, settings.secrets.operatorTokenSha256),
    },
    {
      provide: SignInLimiter,
      inject: [Database, RootKey],
      useFactory: (counters: Database, rootKey: RootKey) => new SignInLimiter(counters, rootKey, triesOf(settings)),
    },
    {
      provide: TokenGuesses,
      inject: [SignInLimiter],
      useFactory: (limiter: SignInLimiter) => new TokenGuesses(limiter, () => performance.now()),
    },
    { provide: CustomerKms, useFactory: () => customerKms(settings.config, settings.secrets.awsCredentials) },
  ];
}

function database({ config, secrets }: Settings, records: IdempotencyRecords): Database {
  return new Database({ url: secrets.databaseUrl, poolSize: config.databasePool }, records);
}

const triesOf = ({ config }: Settings) => tryLimits({ perAddress: config.triesPerAddress, perWorkspace: config.triesPerWorkspace });
