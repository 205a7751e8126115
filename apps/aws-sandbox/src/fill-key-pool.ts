import { parseArgs } from 'node:util';
import { addToPool, pooledKeys } from './kms/key-pool-directory.js';
import { RSA_SPECS, type RsaSpec } from './kms/key-spec.js';
import { generateRsaPem } from './kms/rsa-key-pair.js';

/** Fills a directory with RSA keys for sandboxes to draw from; generating them takes seconds each. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rsa4096: { type: 'string', default: '24' },
    rsa3072: { type: 'string', default: '2' },
    rsa2048: { type: 'string', default: '3' },
  },
});
const wanted: Record<RsaSpec, number> = {
  RSA_2048: Number(values.rsa2048),
  RSA_3072: Number(values.rsa3072),
  RSA_4096: Number(values.rsa4096),
};
const [directory, ...more] = positionals;
if (directory === undefined || more.length > 0 || Object.values(wanted).some((count) => !Number.isInteger(count) || count < 0)) {
  console.error('usage: fill-key-pool.js <directory> [--rsa4096 24] [--rsa3072 2] [--rsa2048 3]');
  process.exit(2);
}

/** Two at a time: each takes a core. */
const LANES = 2;
const missing: RsaSpec[] = [];
for (const spec of RSA_SPECS) {
  const there = (await pooledKeys(directory, spec)).length;
  for (let count = there; count < wanted[spec]; count++) missing.push(spec);
}
const total = missing.length;
async function lane(into: string): Promise<void> {
  for (let spec = missing.shift(); spec !== undefined; spec = missing.shift()) {
    const name = await addToPool(into, spec, await generateRsaPem(spec));
    console.log(`${name} (${missing.length} of ${total} left to start)`);
  }
}
await Promise.all(Array.from({ length: LANES }, () => lane(directory)));
