import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '#database';
import { OwnNode } from '#nodes';

/** Tells that this process is alive, for as long as it serves: acts that concern every node know whom to wait for. */
@Injectable()
export class NodeLife implements OnApplicationBootstrap {
  readonly #node: OwnNode;

  constructor(database: Database) {
    this.#node = new OwnNode(database, 'api');
  }

  get id(): string {
    return this.#node.id;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#node.join();
  }

  /** After the last request: until then others must count on this process. */
  async leave(): Promise<void> {
    await this.#node.leave();
  }
}
