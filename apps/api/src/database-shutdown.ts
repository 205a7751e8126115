import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { KeyUses } from '#api-keys';
import { Database } from '#database';
import { VaultKeyUses } from '#vaults';
import { NodeLife } from './node-life.js';
import { HearPurges } from './vaults/hear-purges.js';

/** Lets go of PostgreSQL when the last request is answered. */
@Injectable()
export class DatabaseShutdown implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly uses: KeyUses,
    private readonly vaultKeyUses: VaultKeyUses,
    private readonly node: NodeLife,
    private readonly purges: HearPurges,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.uses.write(), this.vaultKeyUses.write()]);
    await this.node.leave();
    await this.purges.close();
    await this.database.close();
  }
}
