import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux
const FIELDS_BEFORE_PARENT = 1;
const FIELDS_BEFORE_USER_TIME = 11;

/** CPU time that a process has taken so far, user and system. NaN where there is no /proc. @param {number} pid */
export function cpuSeconds(pid) {
  return process.platform === 'linux' ? cpuOf(statOf(pid)) : NaN;
}

/** The same of the children of a process, by their number. @param {number} parent */
export function cpuSecondsOfChildren(parent) {
  const all = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  const stats = all.map((name) => ({ pid: Number(name), fields: statOf(Number(name)) }));
  const children = stats.filter(({ fields }) => Number(fields[FIELDS_BEFORE_PARENT]) === parent);
  return new Map(children.map(({ pid, fields }) => [pid, cpuOf(fields)]));
}

/** What /proc/<pid>/stat tells behind the name, which may contain anything; nothing once it ended. @param {number} pid */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return [];
    throw error;
  }
}

/** @param {string[]} fields */
function cpuOf(fields) {
  return (Number(fields[FIELDS_BEFORE_USER_TIME]) + Number(fields[FIELDS_BEFORE_USER_TIME + 1])) / TICKS_PER_SECOND;
}
