export { checkRole } from './check-role.js';
export { Cursors } from './cursors.js';
export { Database, type Acted, type DatabaseOptions } from './database.js';
export { DatabaseError, type DatabaseErrorCode, isForeignKeyViolation, isNotNullViolation, isUniqueViolation } from './database-error.js';
export { IdempotencyRecords } from './idempotency-records.js';
export { Notices, type NoticesOptions } from './notices.js';
export { NEWEST_MIGRATION, migrate } from './migrate.js';
export { WorkerDatabase, type WorkerDatabaseOptions } from './worker-database.js';
export { purgeExpired, type Purged } from './purge-expired.js';
