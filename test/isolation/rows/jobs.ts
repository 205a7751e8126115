import { type Place, type Row, cursor, filter, inPath } from '../row.js';
import type { Tenant } from '../tenant.js';

const J = '/v1/workspaces/:workspaceId/jobs';
const jobId: Place = inPath('job', 'job_not_found');
const anotherJob = async (tenant: Tenant) => ({ jobId: await tenant.another('job') });

async function aPausedJob(tenant: Tenant) {
  const job = await anotherJob(tenant);
  const { status, text } = await tenant.workspace.call('POST', `/jobs/${job.jobId}/pause`);
  if (status !== 200) throw new Error(`pausing a job: ${status} ${text}`);
  return job;
}

const directed = (how: string, uses: Row['uses']): Row => ({
  route: `POST ${J}/:jobId/${how}`,
  needs: { act: 'job:manage' },
  places: { jobId },
  succeeds: { status: 200 },
  isIdempotent: true,
  uses,
});

export const JOBS: readonly Row[] = [
  { route: `GET ${J}`, needs: { act: 'job:read' }, places: { cursor: cursor('cursor of jobs') }, succeeds: { status: 200 } },
  { route: `GET ${J}`, needs: { act: 'job:read' }, places: { vaultId: filter('vault') }, succeeds: { status: 200 } },
  { route: `GET ${J}/:jobId`, needs: { act: 'job:read' }, places: { jobId }, succeeds: { status: 200 } },
  directed('pause', anotherJob),
  directed('resume', aPausedJob),
  directed('cancel', anotherJob),
];
