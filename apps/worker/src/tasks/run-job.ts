import { randomUUID } from 'node:crypto';
import type { RunJob } from '#jobs';

/** What `enqueue_task` writes. */
interface Payload {
  workspaceId: string;
  id: string;
}

export function runJobTask(runJob: RunJob): (payload: unknown, stop: AbortSignal) => Promise<void> {
  return (payload, stop) => {
    const { workspaceId, id } = payload as Payload;
    return runJob.run(workspaceId, id, randomUUID(), stop);
  };
}
