import { type Row, headOf } from './row.js';
import { ALERTS } from './rows/alerts.js';
import { API_KEYS } from './rows/api-keys.js';
import { AUDIT_EVENTS } from './rows/audit-events.js';
import { AWS_SETUP } from './rows/aws-setup.js';
import { BOXES } from './rows/boxes.js';
import { CUT_OFF } from './rows/cut-off.js';
import { DRILLS } from './rows/drills.js';
import { GROUPS } from './rows/groups.js';
import { IDENTITY_PROVIDERS } from './rows/identity-providers.js';
import { ITEMS } from './rows/items.js';
import { JOBS } from './rows/jobs.js';
import { KEY_HEALTH } from './rows/key-health.js';
import { MEMBERS } from './rows/members.js';
import { MOVING } from './rows/moving.js';
import { PUBLIC } from './rows/public.js';
import { SEALED_DATA } from './rows/sealed-data.js';
import { SESSIONS } from './rows/sessions.js';
import { SIGN_IN } from './rows/sign-in.js';
import { VAULTS } from './rows/vaults.js';
import { WORKSPACES } from './rows/workspaces.js';

/** The trail comes first: later it tells what was tried with foreign ids. */
const WRITTEN: readonly Row[] = [
  ...PUBLIC,
  ...AUDIT_EVENTS,
  ...SIGN_IN,
  ...WORKSPACES,
  ...AWS_SETUP,
  ...API_KEYS,
  ...SESSIONS,
  ...MEMBERS,
  ...GROUPS,
  ...IDENTITY_PROVIDERS,
  ...BOXES,
  ...VAULTS,
  ...KEY_HEALTH,
  ...CUT_OFF,
  ...DRILLS,
  ...MOVING,
  ...ALERTS,
  ...JOBS,
  ...ITEMS,
  ...SEALED_DATA,
];

/** Every route of the service; one may have several rows. */
export const ROWS: readonly Row[] = WRITTEN.flatMap((row) => (row.route.startsWith('GET ') ? [row, headOf(row)] : [row]));
