import type { Database } from './database.js';

interface Role {
  role: string;
  superuser: boolean;
  bypass: boolean;
  owns: boolean;
  version: number;
  commits: string;
}

/** Sentences that say why the service must not run with this database role; none when it may. */
export async function checkRole(database: Database): Promise<string[]> {
  const [role] = await database.ask<
    Role & Record<string, unknown>
  >(`SELECT current_user AS role, rolsuper AS superuser, rolbypassrls AS bypass,
      current_setting('server_version_num')::integer AS version, current_setting('synchronous_commit') AS commits,
      EXISTS (SELECT FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
        WHERE pg_has_role(current_user, relowner, 'USAGE') AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%' AND nspname NOT LIKE 'pg_temp%') AS owns
    FROM pg_roles WHERE rolname = current_user`);
  if (!role) return ['The database does not say which role this is.'];
  const remedy = 'connect as keyhold_app, which migrations grant what the service needs';
  return [
    ...(role.superuser ? [`The database role "${role.role}" is a superuser, for whom row-level security does not hold: ${remedy}.`] : []),
    ...(role.bypass ? [`The database role "${role.role}" bypasses row-level security: ${remedy}.`] : []),
    ...(role.owns ? [`The database role "${role.role}" owns tables and could change their policies: ${remedy}.`] : []),
    ...(role.commits === 'off'
      ? ['The database URL turns synchronous_commit off: an answered commit could be lost, and with it the record of an unseal.']
      : []),
    ...(role.version < 150_000 ? [`PostgreSQL ${Math.floor(role.version / 10_000)} is too old: 15 or newer is needed.`] : []),
  ];
}
