import { Trail } from './cloudtrail/trail.js';
import { SandboxClock } from './clock.js';
import { FaultBoard } from './faults.js';
import { IamState } from './iam/iam-state.js';
import { type KeyPool } from './kms/key-pool.js';
import { KeyStore } from './kms/key-store.js';
import { type KmsWorld } from './kms/kms-call.js';
import { RsaOaep } from './kms/rsa-oaep.js';
import { Ledger } from './ledger.js';

/** The whole imitated world. */
export class Sandbox implements KmsWorld {
  readonly clock = new SandboxClock();
  readonly trail = new Trail();
  readonly ledger = new Ledger();
  readonly faults = new FaultBoard();
  readonly rsa = new RsaOaep();
  iam = new IamState();
  keys = new KeyStore(() => this.clock.now());

  constructor(readonly pool: KeyPool) {}

  /** As on the first day. Keys in the pool stay there and may be drawn again. */
  reset(): void {
    this.clock.offsetSeconds = 0;
    this.clock.transitionSeconds = 0;
    this.iam = new IamState();
    this.keys = new KeyStore(() => this.clock.now());
    this.trail.restore([]);
    this.ledger.clear();
    this.faults.clear();
    this.pool.restart([]);
  }
}
