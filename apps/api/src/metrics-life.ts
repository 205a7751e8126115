import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type MetricsAddress, Metrics, MetricsServer } from '#metrics';

/** What this process counts, and where it tells it for as long as it serves. */
@Injectable()
export class MetricsLife implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly metrics = new Metrics();
  readonly #server: MetricsServer;

  constructor(address: MetricsAddress) {
    this.#server = new MetricsServer(this.metrics.registry, address);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#server.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server.stop();
    this.metrics.close();
  }
}
