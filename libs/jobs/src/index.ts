export { DirectJob } from './direct-job.js';
export {
  type Job,
  JOB_KINDS,
  JOB_STATES,
  type JobKind,
  type JobParams,
  type JobProgress,
  type JobRequester,
  type JobState,
} from './job.js';
export { JobError, type JobErrorCode, JobFailed, JobPaused, LeaseLost } from './job-error.js';
export { type Batch, JobLease } from './job-lease.js';
export { jobEnds } from './job-ends.js';
export type { JobFilter } from './job-store.js';
export { type JobView, jobView } from './job-view.js';
export { jobEvent, type JobOrder, Jobs } from './jobs.js';
export { type JobHandler, RunJob, type RunJobOptions } from './run-job.js';
export { requeueUnattendedJobs } from './unattended-jobs.js';
