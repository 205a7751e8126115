// What the service is compared with: Fastify and pg, and nothing between them. For each operation it sends the service's own
// statements in the same two transactions, pipelined alike, with values of the same sizes. It validates, authorizes, encrypts
// and logs nothing.
import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { randomUUIDv7 } from 'node:crypto';
import { appendEvents } from '#audit';
import { findLiveBoxId } from '#boxes';
import { findVaultState } from '#vaults';

// From the build, past the front door: nobody else outside that room needs these two.
const { findSealedItem, insertItem } = await import(new URL('../dist/libs/items/src/item-store.js', import.meta.url).href);

const { BENCH_PORT, BENCH_DATABASE_URL, BENCH_WORKSPACE_ID: workspaceId, BENCH_DATA_KEY_ID: dataKeyId } = process.env;
const POOL_SIZE = 8; // the service's default
const PAYLOAD_BYTES = 256;
const SEALED = {
  salt: randomBytes(32),
  iv: randomBytes(12),
  ciphertext: randomBytes(PAYLOAD_BYTES),
  tag: randomBytes(16),
  commitment: randomBytes(32),
};
const PLACE_MAC = randomBytes(32);
const PRINCIPAL = { kind: 'api_key', role: 'api_key', id: randomUUIDv7(), name: 'Set-up' };

const pool = new pg.Pool({
  connectionString: BENCH_DATABASE_URL,
  max: POOL_SIZE,
  pipeline: true,
  options: '-c synchronous_commit=on',
});
const server = Fastify();

server.post('/items', async ({ body }, reply) => {
  const { kind, category = null, name, vaultId } = /** @type {any} */ (body);
  const [boxId] = await read((tx) => Promise.all([findLiveBoxId(tx, undefined), findVaultState(tx, vaultId)]));
  const itemId = randomUUIDv7();
  const item = { itemId, boxId, placeMac: PLACE_MAC, vaultId, kind, category, name, dataKeyId, sealed: SEALED };
  const event = { type: 'item.created', boxId, vaultId, itemId, itemVersion: 1, calls: [], details: { kind } };
  const at = await write((tx) => insertItem(tx, item), event);
  void reply.code(201);
  return { id: itemId, kind, category, name, boxId, vaultId, version: 1, createdAt: at.toISOString(), updatedAt: at.toISOString() };
});

server.post('/items/:itemId/unseal', async ({ params }) => {
  const { itemId } = /** @type {any} */ (params);
  const {
    box_id: boxId,
    vault_id: vaultId,
    kind,
    category,
    name,
    version,
    ciphertext,
  } = await read((tx) => findSealedItem(tx, itemId, undefined));
  const event = { type: 'item.unsealed', boxId, vaultId, itemId, itemVersion: version, calls: [], details: { kind } };
  await write(() => undefined, event);
  return { id: itemId, kind, category, name, boxId, vaultId, version, payload: { value: ciphertext.toString('latin1') } };
});

server.get('/health', () => ({}));

await server.listen({ host: '127.0.0.1', port: Number(BENCH_PORT) });
process.once('SIGTERM', () => process.exit(0));

/** @template Result @param {(tx: import('#audit').Queries) => Promise<Result>} work @returns {Promise<Result>} */
function read(work) {
  return transact('BEGIN READ ONLY', work);
}

/** @template Result @param {(tx: import('#audit').Queries) => Promise<Result> | undefined} work @param {any} event */
function write(work, event) {
  const ctx = { principal: PRINCIPAL, workspaceId, actions: new Set(), requestId: randomUUIDv7(), sourceAddress: '127.0.0.1' };
  const { statement, values } = appendEvents(/** @type {any} */ (ctx), event);
  return transact('BEGIN', async (tx) => (await Promise.all([work(tx), tx.query(statement, values)]))[0]);
}

/**
 * One round trip and one system call, as the service does it.
 * @template Result @param {string} begin @param {(tx: import('#audit').Queries) => Promise<Result>} work
 */
async function transact(begin, work) {
  const client = /** @type {pg.PoolClient & pg.Client} */ (await pool.connect());
  const { stream } = client.connection;
  stream.cork();
  void client.query(`${begin}; SET LOCAL keyhold.workspace_id = '${workspaceId}'`);
  const ended = Promise.all([work(queriesOf(client)), client.query('COMMIT')]);
  stream.uncork();
  const [result] = await ended;
  client.release();
  return result;
}

/** @param {pg.PoolClient} client @returns {import('#audit').Queries} */
function queriesOf(client) {
  return {
    query: async ({ name, text }, values = []) => (await client.query({ name, text, values: [workspaceId, ...values] })).rows,
  };
}
