// Lets the Owner of a workspace come again who lost everything that signed them in. Run by the operator with the environment of the
// API: whoever has that holds the root key, and gains nothing here. The trail of the workspace tells of it.
import { randomUUIDv7 } from 'node:crypto';
import { MemberRows, RowMacs, theOperator } from '#access';
import { Database, IdempotencyRecords, checkRole } from '#database';
import { RootKey } from '#envelope';
import { MemberError, ResetOwner } from '#members';
import { ConfigError, surroundings } from '#settings';
import { readSettings } from './config/read-settings.js';
import { isId } from './input/id-param.js';

try {
  console.log(JSON.stringify(await resetOwner(process.argv.slice(2)), undefined, 2));
} catch (error) {
  console.error(sentenceOf(error));
  process.exitCode = 1;
}

async function resetOwner([workspaceId = '', ...others]: readonly string[]) {
  if (!isId(workspaceId) || others.length > 0)
    throw new ConfigError(['Name one workspace by its id, as in: reset-owner.js <workspace id>']);
  const { secrets } = readSettings(surroundings());
  const rootKey = RootKey.fromBytes(secrets.rootKey);
  const database = new Database({ url: secrets.databaseUrl, poolSize: 1 }, new IdempotencyRecords(rootKey));
  try {
    const problems = await checkRole(database);
    if (problems.length > 0) throw new ConfigError(problems);
    const members = new MemberRows(new RowMacs(rootKey));
    return await new ResetOwner(database, members).run(theOperator(workspaceId, randomUUIDv7()));
  } finally {
    await database.close();
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof MemberError) return 'There is no such workspace, or its Owner changed just now.';
  throw error;
}
