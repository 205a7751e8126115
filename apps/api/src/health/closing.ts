import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';

/** Whether this process has begun to go: it finishes what it has and takes nothing more. */
@Injectable()
export class Closing implements BeforeApplicationShutdown {
  hasBegun = false;

  beforeApplicationShutdown(): void {
    this.hasBegun = true;
  }
}
