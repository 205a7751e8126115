import { RSA_SPECS, type RsaSpec } from './key-spec.js';
import { generateRsaPem } from './rsa-key-pair.js';

/** Where new RSA keys come from: generating one takes seconds, so they are made ahead. */
export interface KeyPool {
  /** @returns a private key (PKCS #8 PEM) that this sandbox has not drawn in its life */
  draw(spec: RsaSpec): Promise<string>;
  /** Names of the pool's keys that have been drawn, for the saved state. */
  drawn(): readonly string[];
  /** A life in which only these have been drawn. */
  restart(drawn: readonly string[]): void;
}

const READY_KEYS = { RSA_2048: 1, RSA_3072: 0, RSA_4096: 2 } as const satisfies Record<RsaSpec, number>;

/** Keeps a few keys ready, made one after the other in the background. */
export class MemoryKeyPool implements KeyPool {
  private readonly ready: Record<RsaSpec, string[]> = { RSA_2048: [], RSA_3072: [], RSA_4096: [] };
  private filling: Promise<void> | undefined;

  constructor() {
    this.fill();
  }

  async draw(spec: RsaSpec): Promise<string> {
    const pem = this.ready[spec].shift() ?? (await generateRsaPem(spec));
    this.fill();
    return pem;
  }

  drawn(): readonly string[] {
    return []; // what was drawn is not in the pool any more
  }

  restart(): void {
    this.fill();
  }

  private fill(): void {
    this.filling ??= this.fillUp().finally(() => (this.filling = undefined));
  }

  private async fillUp(): Promise<void> {
    for (let spec = this.lacking(); spec; spec = this.lacking()) this.ready[spec].push(await generateRsaPem(spec));
  }

  private lacking(): RsaSpec | undefined {
    return RSA_SPECS.toReversed().find((spec) => this.ready[spec].length < READY_KEYS[spec]);
  }
}
