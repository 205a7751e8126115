import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../error-code.js';
import { type KeyPool } from './key-pool.js';
import { type RsaSpec } from './key-spec.js';
import { generateRsaPem } from './rsa-key-pair.js';

/**
 * A directory of private keys, `RSA_4096-01.pem` and so on, shared by all sandboxes of a machine. Each sandbox draws
 * them in order; what it has to generate it adds, so that the next one is fast. These keys protect nothing real.
 */
export class DirectoryKeyPool implements KeyPool {
  private taken = new Set<string>();
  private waiting: Promise<unknown> = Promise.resolve();

  constructor(private readonly directory: string) {}

  draw(spec: RsaSpec): Promise<string> {
    const pem = this.waiting.then(() => this.next(spec));
    this.waiting = pem.catch(() => undefined); // one at a time: two draws must not take the same key
    return pem;
  }

  drawn(): readonly string[] {
    return [...this.taken];
  }

  restart(drawn: readonly string[]): void {
    this.taken = new Set(drawn);
  }

  private async next(spec: RsaSpec): Promise<string> {
    const name = (await pooledKeys(this.directory, spec)).find((candidate) => !this.taken.has(candidate)) ?? (await this.grow(spec));
    this.taken.add(name);
    return readFile(join(this.directory, name), 'utf8');
  }

  private async grow(spec: RsaSpec): Promise<string> {
    return addToPool(this.directory, spec, await generateRsaPem(spec));
  }
}

/** @returns file names in the order of drawing */
export async function pooledKeys(directory: string, spec: RsaSpec): Promise<string[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const numbered = (await readdir(directory)).filter((name) => name.startsWith(`${spec}-`) && /-\d+\.pem$/.test(name));
  return numbered.sort((a, b) => numberOf(a) - numberOf(b));
}

const numberOf = (name: string): number => Number(/-(\d+)\.pem$/.exec(name)?.[1] ?? 0);

/** Never overwrites: another process may be adding keys at the same moment. @returns the new file's name */
export async function addToPool(directory: string, spec: RsaSpec, pem: string): Promise<string> {
  const draft = join(directory, `.${randomUUID()}.draft`);
  await writeFile(draft, pem, { mode: 0o600 });
  try {
    for (let number = numberOf((await pooledKeys(directory, spec)).at(-1) ?? '') + 1; ; number++) {
      const name = `${spec}-${String(number).padStart(2, '0')}.pem`;
      if (await linked(draft, join(directory, name))) return name;
    }
  } finally {
    await rm(draft);
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}
