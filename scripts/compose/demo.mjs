// The demonstration of `npm start` on the services of docker-compose.yml. Leaves quickstart.json in the state folder.
import { customerAccount } from '../start/customer-account.mjs';
import { DataFolder } from '../start/data-folder.mjs';
import { showDemo } from '../start/demo.mjs';
import { Progress } from '../start/progress.mjs';
import { Quickstart } from '../start/quickstart.mjs';
import { operatorTokenOf } from '../start/service-environment.mjs';
import { API_URL, SANDBOX_URL, STATE } from './places.mjs';

const progress = new Progress();
const state = new DataFolder(STATE);
const customer = await customerAccount(state, SANDBOX_URL, progress);
const stage = {
  progress,
  quickstart: new Quickstart(state),
  url: API_URL,
  sandboxUrl: SANDBOX_URL,
  operatorToken: operatorTokenOf(state),
  customer,
};
await showDemo(stage);
progress.line('docker compose cp demo:/state/quickstart.json . copies the ids and the owner token.');
