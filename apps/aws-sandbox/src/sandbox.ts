import { Trail } from './cloudtrail/trail.js';
import { SandboxClock } from './clock.js';
import { FaultBoard } from './faults.js';
import { IamState } from './iam/iam-state.js';
import { type KeyPool } from './kms/key-pool.js';
import { KeyStore, type KeyStoreSnapshot } from './kms/key-store.js';
import { type KmsWorld } from './kms/kms-call.js';
import { RsaOaep } from './kms/rsa-oaep.js';
import { recordServiceEvent } from './kms/service-events.js';
import { Ledger } from './ledger.js';

/** The whole imitated world. */
export class Sandbox implements KmsWorld {
  readonly clock = new SandboxClock();
  readonly trail = new Trail();
  readonly ledger = new Ledger();
  readonly faults = new FaultBoard();
  readonly rsa = new RsaOaep();
  iam = new IamState();
  keys: KeyStore;

  constructor(readonly pool: KeyPool) {
    this.keys = this.newKeyStore();
  }

  /** With the keys of a snapshot, or none. */
  newKeyStore(snapshot: KeyStoreSnapshot = { families: [], aliases: [] }): KeyStore {
    return KeyStore.restore(
      snapshot,
      () => this.clock.now(),
      (key, at) => recordServiceEvent(this.trail, 'DeleteKey', key, at),
    );
  }

  /** As on the first day. Keys in the pool stay there and may be drawn again. */
  reset(): void {
    this.clock.offsetSeconds = 0;
    this.clock.transitionSeconds = 0;
    this.iam = new IamState();
    this.keys = this.newKeyStore();
    this.trail.clear();
    this.ledger.clear();
    this.faults.clear();
    this.pool.restart([]);
  }
}
