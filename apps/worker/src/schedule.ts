export interface ScheduleOptions {
  /** Between the end of one run and the start of the next, give or take a fifth: replicas that start together spread. */
  everySeconds: number;
  /** Told of a run that failed; the next one comes all the same. */
  onFailure: (error: unknown) => void;
  /** Uniform in [0, 1). */
  random?: () => number;
}

const JITTER = 0.2;

/** Runs a job again and again, never two at a time. */
export class Schedule {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(
    private readonly job: () => Promise<void>,
    private readonly options: ScheduleOptions,
  ) {}

  /** The first run starts at once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Lets a run that is under way come to its end; no other follows. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.job();
    } catch (error) {
      this.options.onFailure(error);
    }
    if (!this.#isStopped) this.#timer = setTimeout(() => this.start(), pauseMs(this.options));
  }
}

/** Milliseconds: `everySeconds`, moved by up to a fifth either way. */
export function pauseMs({ everySeconds, random = Math.random }: Pick<ScheduleOptions, 'everySeconds' | 'random'>): number {
  return everySeconds * 1_000 * (1 + JITTER * (2 * random() - 1));
}
