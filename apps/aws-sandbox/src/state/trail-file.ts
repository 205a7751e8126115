import { appendFile, rename, writeFile } from 'node:fs/promises';
import { type Trail, type TrailEvent } from '../cloudtrail/trail.js';
import { readIfThere } from './read-if-there.js';

/** Trails are delivered late at AWS too: an event is on the disk this long after the call at the latest. */
const FLUSH_MS = 250;
/** Lines of events that the trail itself no longer keeps; beyond, the file is written anew. */
const STALE_LINES_MAX = 50_000;

/** Keeps the trails as lines of JSON, appended in batches; a line that a crash cut short is dropped. */
export class TrailFile {
  private unwritten: string[] = [];
  private lines = 0;
  private stale = false;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly trail: Trail,
  ) {}

  static async open(path: string, trail: Trail): Promise<TrailFile> {
    const file = new TrailFile(path, trail);
    trail.restore(await readEvents(path));
    await file.rewrite();
    trail.listener = { recorded: (event) => file.add(event), cleared: () => file.clear() };
    return file;
  }

  /** Resolves when all that is recorded is in the file, or when standard error tells why it is not. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing
      .then(() => this.write())
      .catch((error: unknown) => console.error('the trails could not be written:', error));
    return this.writing;
  }

  private add(event: TrailEvent): void {
    this.unwritten.push(`${JSON.stringify(event)}\n`);
    this.flushSoon();
  }

  private clear(): void {
    this.stale = true;
    this.flushSoon();
  }

  private flushSoon(): void {
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  private async write(): Promise<void> {
    const lines = this.unwritten.splice(0);
    if (this.stale || this.lines + lines.length > this.trail.all().length + STALE_LINES_MAX) return this.rewrite();
    if (lines.length === 0) return;
    this.lines += lines.length;
    await appendFile(this.path, lines.join(''), { mode: 0o600 });
  }

  private async rewrite(): Promise<void> {
    const events = this.trail.all();
    this.stale = false;
    this.lines = events.length;
    const draft = `${this.path}.draft`;
    await writeFile(draft, events.map((event) => `${JSON.stringify(event)}\n`).join(''), { mode: 0o600 });
    await rename(draft, this.path);
  }
}

async function readEvents(path: string): Promise<TrailEvent[]> {
  const text = (await readIfThere(path)) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TrailEvent);
}
