import { spawnSync } from 'node:child_process';

const NOBODY = 65534; // every Linux has this user, so none need be created

const isRoot = process.getuid?.() === 0;

/** Options for spawning PostgreSQL, which refuses to run as root. */
export const unprivileged = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** The user that PostgreSQL's files must belong to; undefined where files of the present user will do. */
export const ownerOfFiles = isRoot ? NOBODY : undefined;

/** Whether the user that PostgreSQL runs as can enter `folder` (not below /root, say). */
export function canEnter(folder) {
  return spawnSync('sh', ['-c', 'cd "$1"', 'sh', folder], { ...unprivileged, cwd: '/' }).status === 0;
}
