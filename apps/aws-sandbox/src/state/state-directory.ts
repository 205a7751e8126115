import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type IamSnapshot, IamState } from '../iam/iam-state.js';
import { type KeyStoreSnapshot } from '../kms/key-store.js';
import { type Sandbox } from '../sandbox.js';
import { readIfThere } from './read-if-there.js';
import { TrailFile } from './trail-file.js';

/** All but the trails, which have a file of their own, and ledger and faults, which end with the process. Holds secrets: mode 600. */
interface SavedState {
  version: 1;
  clock: { offsetSeconds: number; transitionSeconds: number };
  drawnKeys: readonly string[];
  iam: IamSnapshot;
  keys: KeyStoreSnapshot;
}

/**
 * Keeps a sandbox in a directory: `state.json`, always whole, since a new file takes the old one's place, and
 * `trail.jsonl`.
 */
export class StateDirectory {
  private writing: Promise<void> | undefined;
  private waiting: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly sandbox: Sandbox,
    private readonly trailFile: TrailFile,
  ) {}

  static async open(directory: string, sandbox: Sandbox): Promise<StateDirectory> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const saved = await readIfThere(join(directory, 'state.json'));
    if (saved !== undefined) restore(sandbox, readState(saved, directory));
    return new StateDirectory(directory, sandbox, await TrailFile.open(join(directory, 'trail.jsonl'), sandbox.trail));
  }

  /** Everything is on the disk afterwards, the trails too. */
  async saveAll(): Promise<void> {
    await Promise.all([this.save(), this.trailFile.flush()]);
  }

  /** Resolves when everything that was true at the call is on the disk; calls that come together share a write. */
  save(): Promise<void> {
    if (!this.writing) return (this.writing = this.write().finally(() => (this.writing = undefined)));
    return (this.waiting ??= this.writing.then(
      () => this.saveWaiting(),
      () => this.saveWaiting(),
    ));
  }

  private saveWaiting(): Promise<void> {
    this.waiting = undefined;
    return this.save();
  }

  private async write(): Promise<void> {
    const draft = join(this.directory, 'state.json.draft');
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(savedState(this.sandbox)));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, join(this.directory, 'state.json'));
  }
}

const savedState = ({ clock, pool, iam, keys }: Sandbox): SavedState => ({
  version: 1,
  clock: { offsetSeconds: clock.offsetSeconds, transitionSeconds: clock.transitionSeconds },
  drawnKeys: pool.drawn(),
  iam: iam.snapshot(),
  keys: keys.snapshot(),
});

/** @throws Error with a sentence for whoever started the sandbox */
function readState(text: string, directory: string): SavedState {
  const saved = JSON.parse(text) as { version?: unknown };
  if (saved.version !== 1) throw new Error(`aws-sandbox: ${directory} holds the state of another version; delete it to start anew.`);
  return saved as SavedState;
}

function restore(sandbox: Sandbox, saved: SavedState): void {
  Object.assign(sandbox.clock, saved.clock);
  sandbox.pool.restart(saved.drawnKeys);
  sandbox.iam = IamState.restore(saved.iam);
  sandbox.keys = sandbox.newKeyStore(saved.keys);
}
