import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { KeyUses } from '#api-keys';
import { Database } from '#database';
import { NodeLife } from './node-life.js';

/** Lets go of PostgreSQL when the last request is answered. */
@Injectable()
export class DatabaseShutdown implements OnApplicationShutdown {
  constructor(
    private readonly database: Database,
    private readonly uses: KeyUses,
    private readonly node: NodeLife,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.uses.write();
    await this.node.leave();
    await this.database.close();
  }
}
