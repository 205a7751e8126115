import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '#database';

/** Lets go of PostgreSQL when the last request is answered. */
@Injectable()
export class DatabaseShutdown implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
