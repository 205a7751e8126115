// Brings the database to this version's tables, as the role that owns it. Run before the service starts.
import { migrate } from '#database';

const ownerUrl = process.env['KEYHOLD_DATABASE_OWNER_URL'];
if (!ownerUrl) {
  console.error('KEYHOLD_DATABASE_OWNER_URL must be the URL of the database as the role that owns it.');
  process.exit(1);
}
const done = await migrate(ownerUrl);
console.log(done.length > 0 ? `migrated: ${done.join(', ')}` : 'nothing to migrate');
