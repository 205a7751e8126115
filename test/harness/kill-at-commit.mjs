// Loaded before a process that it ends without a word: at the KILL_AT_COMMIT-th commit of a transaction that writes, either instead
// of sending it (KILL_WHEN=before) or as soon as it is sent (KILL_WHEN=sent), when nobody can tell whether it happened.
import { setImmediate } from 'node:timers';
import pg from 'pg';

const at = Number(process.env.KILL_AT_COMMIT);
const isSent = process.env.KILL_WHEN === 'sent';
const writing = new WeakSet();
let commits = 0;

const { query } = pg.Client.prototype;
pg.Client.prototype.query = function (config, ...others) {
  const text = typeof config === 'string' ? config : config.text;
  if (/^BEGIN(?! READ ONLY)/.test(text)) writing.add(this);
  if (text !== 'COMMIT' || !writing.delete(this) || (commits += 1) !== at) return query.call(this, config, ...others);
  if (!isSent) process.kill(process.pid, 'SIGKILL');
  const answer = query.call(this, config, ...others);
  // Behind what else leaves in this turn; the kernel has it all by then.
  setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  return answer;
};
