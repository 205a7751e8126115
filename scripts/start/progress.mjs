const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const CLEAR_LINE = '\r\x1b[2K';
const NAMES_CHARACTERS_MAX = 60;

/** Says what is going on: a line with a tick for each step that is done and, on a terminal, a last line that moves. */
export class Progress {
  #out;
  /** @type {Map<string, number>} */
  #active = new Map();
  #frame = 0;
  #hasEnded = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {NodeJS.WriteStream} [out] */
  constructor(out = process.stdout) {
    this.#out = out;
  }

  /**
   * Runs `work`; when it is done, prints what `done` makes of the result.
   * @template T
   * @param {string} doing
   * @param {() => Promise<T>} work
   * @param {(result: T) => string} done
   */
  async step(doing, work, done) {
    const startedAt = performance.now();
    if (!this.#hasEnded) this.#active.set(doing, startedAt);
    this.#draw();
    try {
      const result = await work();
      this.#active.delete(doing);
      if (!this.#hasEnded) this.line(`  ✔ ${done(result)} (${seconds(startedAt)})`);
      return result;
    } finally {
      this.#active.delete(doing);
      this.#draw();
    }
  }

  /** @param {string} text */
  line(text) {
    this.#out.write(`${this.#out.isTTY ? CLEAR_LINE : ''}${text}\n`);
  }

  /** Shows no more steps, whatever is still going on. */
  end() {
    this.#hasEnded = true;
    this.#active.clear();
    this.#draw();
  }

  #draw() {
    if (!this.#out.isTTY) return;
    clearInterval(this.#timer);
    if (this.#active.size === 0) return void this.#out.write(CLEAR_LINE);
    this.#timer = setInterval(() => this.#drawFrame(), FRAME_MS).unref();
    this.#drawFrame();
  }

  #drawFrame() {
    const names = [...this.#active.keys()].join(', ').slice(0, NAMES_CHARACTERS_MAX);
    const [longest] = this.#active.values();
    this.#frame = (this.#frame + 1) % FRAMES.length;
    this.#out.write(`${CLEAR_LINE}  ${FRAMES[this.#frame]} ${names} … ${seconds(longest)}`);
  }
}

/** @param {number} since */
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
