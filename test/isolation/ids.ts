import { randomBytes, randomUUID } from 'node:crypto';
import type { Kind } from './kinds.js';
import type { Tenant } from './tenant.js';

/** An id of nothing, in the shape of its kind. */
export function absentId(kind: Kind, { workspace }: Tenant): string {
  if (kind.startsWith('cursor')) return randomBytes(60).toString('base64url');
  if (kind === 'invitation') return `khi_${workspace.id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  return kind === 'sealed' ? sealedForNobody() : randomUUID();
}

/** The other tenant's own. An invitation says whose it is: that much is changed in it. */
export function foreignId(kind: Kind, acme: Tenant, globex: Tenant): string {
  const [here, there] = [acme, globex].map(({ workspace }) => workspace.id.replaceAll('-', '')) as [string, string];
  return kind === 'invitation' ? globex.ids[kind].replace(there, here) : globex.ids[kind];
}

/** As the service makes them, under a data key that nobody has. */
function sealedForNobody(): string {
  const [salt, cmt, ...parts] = [32, 32, 12, 60, 16].map((bytes) => randomBytes(bytes).toString('base64url'));
  const header = { alg: 'dir', enc: 'A256GCM', typ: 'keyhold', v: 1, vid: randomUUID(), dk: randomUUID(), salt, cmt };
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), '', ...parts].join('.');
}

/** Not even the shape of an id. */
export const malformedId = (kind: Kind): string => (kind === 'sealed' ? 'no token' : "1' OR '1'='1");
