import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { ACTS, type ActWorld } from '../harness/acts.js';
import { aClient } from '../harness/client.js';
import { type Keyhold, type Node, aWorkspaceOn } from '../harness/service.js';
import { ask } from './ask.js';
import { type Cell, cellsOf, isSuccess } from './cells.js';
import { thoseOf } from './principals.js';
import { RARE_ACTS } from './rare-acts.js';
import { ROWS } from './rows.js';
import { crownAgain } from './rows/members.js';
import { Sentinels } from './sentinels.js';
import { type Asked, type StatementRecorder, aStatementRecorder } from './statement-recorder.js';
import { tenantTables } from './tenant-rows.js';
import { type Tenant, aTenant } from './tenant.js';
import { TwoWorlds } from './two-worlds.js';
import { MAIL, aBusyWorker, leaveKeysBehind, whatTimeBrings, whileStill } from './worker-deeds.js';
import { type RekeyedVaults, leaveOrders, rekeyedVaults } from './worker-orders.js';

/** All that the service asks its database for when a workspace does everything it can. */
export interface EverythingAsked {
  asked: readonly Asked[];
  /** How many of them before `worlds` were as they are. */
  askedBefore: number;
  /** What a worker asks in its own role, which is for no workspace. */
  askedAcross: readonly Asked[];
  /** Who did everything. */
  globex: Tenant;
  /** Who is there besides. */
  acme: Tenant;
  /** With everything as it was before most of it was done, and with globex or without it. */
  worlds: TwoWorlds;
  /** Those with rows of workspaces. */
  tables: readonly string[];
}

/** Between them they come by everything that is asked for people, services and AWS identities. */
const ASKING = [
  'the Owner',
  'an Admin',
  'a User in a group that owns the box',
  'a key with every scope',
  'a key for the box',
  'an AWS identity with a grant to write',
  'a link for AWS administrators',
];

const run = promisify(execFile);

type Deed = () => Promise<unknown>;

export async function everythingAsked(keyhold: Keyhold): Promise<EverythingAsked> {
  const [recorder, ofWorker] = [
    await aStatementRecorder(keyhold.database.serviceUrl),
    await aStatementRecorder(keyhold.database.workerUrl),
  ];
  const urls = { service: recorder.url, worker: ofWorker.url };
  try {
    const aNode = () => keyhold.anotherNode({ KEYHOLD_DATABASE_URL: urls.service });
    const [node, silent] = [await aNode(), await aNode()];
    const ofWorkers = { ...MAIL, KEYHOLD_DATABASE_URL: urls.worker, KEYHOLD_SERVICE_DATABASE_URL: urls.service };
    const done = await everythingDone(through(keyhold, node, urls.service), { ofWorkers, silent }, recorder);
    for (const one of [node, silent]) await one.stop(); // what they write behind their answers is written
    return { ...done, asked: recorder.asked, askedAcross: ofWorker.asked };
  } finally {
    for (const one of [recorder, ofWorker]) one.end();
  }
}

async function everythingDone(
  keyhold: Keyhold,
  { ofWorkers, silent }: { ofWorkers: NodeJS.ProcessEnv; silent: Node },
  { asked }: Pick<StatementRecorder, 'asked'>,
): Promise<Omit<EverythingAsked, 'asked' | 'askedAcross'>> {
  const [acme, globex] = [await aTenant(keyhold, new Sentinels()), await aTenant(keyhold, new Sentinels())];
  const tables = await tenantTables(keyhold.database);
  await endWaitingJobs(keyhold, acme);
  const rekeyed = await rekeyedVaults(keyhold, globex.workspace, ofWorkers);
  const worker = await aBusyWorker(keyhold, globex.workspace, ofWorkers);
  const { deeds, worlds } = await whileStill(worker, async () => {
    const deeds = await deedsOf(keyhold, globex, acme, { rekeyed, ofWorkers });
    return { deeds, worlds: await whileStill(silent, () => worldsWithAPurge(keyhold, globex, tables)) };
  });
  const askedBefore = asked.length;
  await worker.stop();
  for (const deed of deeds) await deed();
  return { globex, acme, worlds, tables, askedBefore };
}

/** Whoever looks for the next job of acme then finds none, unless it is another's. */
const endWaitingJobs = ({ database }: Keyhold, { workspace }: Tenant): Promise<unknown> =>
  database.asAdmin(`UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE workspace_id = $1 AND state = 'queued'`, [workspace.id]);

/** With a purge that one of the nodes has not answered; and in what is remembered no key is due to be asked. */
async function worldsWithAPurge({ database }: Keyhold, { workspace, ids }: Tenant, tables: readonly string[]): Promise<TwoWorlds> {
  await workspace.call('POST', `/vaults/${ids.vault}/purge`);
  const worlds = await TwoWorlds.of(database, tables, workspace.id);
  await database.asAdmin(`UPDATE before.vault_probes SET next_probe_at = now() + interval '1 day'`);
  return worlds;
}

/** All that is to be done; what it takes is there. */
async function deedsOf(
  keyhold: Keyhold,
  globex: Tenant,
  acme: Tenant,
  { rekeyed, ofWorkers }: { rekeyed: RekeyedVaults; ofWorkers: NodeJS.ProcessEnv },
): Promise<Deed[]> {
  const orders = await leaveOrders(keyhold, globex.workspace, rekeyed);
  const deeds = [
    ...(await actsOf(keyhold, globex)),
    () => crownAgain(globex),
    ...(await requestsOf(keyhold, globex, acme)),
    () => resetOwner(keyhold, globex),
    () => globex.workspace.call('DELETE', `/vaults/${rekeyed.isDeleted}`),
    () => whatTimeBrings(keyhold, globex.workspace, orders, ofWorkers),
  ];
  await keyhold.database.asAdmin('UPDATE api_keys SET last_used_at = NULL'); // otherwise uses are too fresh to be noted
  await leaveKeysBehind(keyhold, globex.workspace);
  await keyhold.database.asAdmin('UPDATE members SET totp_last_step = NULL'); // the same of codes
  return deeds;
}

/** The service as one of its nodes shows it, and whatever else acts on its database over the same address. */
function through(keyhold: Keyhold, { url }: Node, serviceUrl: string): Keyhold {
  const operator = aClient(url, keyhold.operatorToken);
  return {
    ...keyhold,
    url,
    operator,
    database: { ...keyhold.database, serviceUrl },
    environment: { ...keyhold.environment, KEYHOLD_DATABASE_URL: serviceUrl },
    aWorkspace: (name) => aWorkspaceOn({ url }, operator, name),
  };
}

/** What each of them needs is there before any is done. */
async function actsOf(keyhold: Keyhold, { workspace, ids, customer }: Tenant): Promise<Deed[]> {
  const world: ActWorld = { keyhold, workspace, vaultId: ids.vault, customer };
  const deeds: Deed[] = [];
  for (const { name, isWrite, prepare } of ACTS) {
    const send = await prepare(world);
    const headers = isWrite ? { 'idempotency-key': randomUUID() } : undefined;
    deeds.push(async () => {
      await keyhold.database.asAdmin('UPDATE members SET totp_last_step = NULL'); // some hold the code of the same half minute
      const { status, text } = await send(headers);
      if (status >= 400) throw new Error(`${name}: ${status} ${text}`);
    });
  }
  for (const { name, status: expected, prepare } of RARE_ACTS) {
    const send = await prepare(world);
    deeds.push(async () => {
      const { status, text } = await send();
      if (status !== expected) throw new Error(`${name}: ${status} ${text}`);
    });
  }
  return deeds;
}

/** As the operator does at a console; afterwards nothing is left that lets the Owner in. */
function resetOwner({ environment }: Keyhold, { workspace }: Tenant): Promise<unknown> {
  const env = { PATH: process.env['PATH'], ...environment };
  return run(process.execPath, ['dist/apps/api/src/reset-owner.js', workspace.id], { env });
}

/** Every route, about what is their own. */
async function requestsOf({ url }: Keyhold, globex: Tenant, acme: Tenant): Promise<Deed[]> {
  const isAsked = ({ place, row }: Cell) => place === undefined && !row.route.startsWith('HEAD ') && row.needs?.act !== 'workspace:create';
  const asking = (await thoseOf(globex, 'acme')).filter(({ name }) => ASKING.includes(name));
  const cells = asking.flatMap((principal) => ROWS.flatMap((row) => cellsOf(row, principal, globex, acme, [])));
  return cells.filter(isAsked).map((cell) => async () => {
    await ask(url, cell, globex, isSuccess(cell) ? ((await cell.row.uses?.(globex)) ?? {}) : {});
    if (isSuccess(cell)) await cell.row.undo?.(globex);
  });
}
