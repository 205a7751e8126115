export type JobErrorCode =
  | 'job_not_found'
  /** Finished, or not in the state that this is for. */
  | 'job_state_conflict';

export class JobError extends Error {
  override readonly name = 'JobError';
  readonly facts: Readonly<Record<string, unknown>> = {};
  constructor(readonly code: JobErrorCode) {
    super(code);
  }
}

/** A handler's verdict that its job cannot be done: the job is `failed` with this cause, and nobody tries again. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed';
  constructor(
    /** A stable word for people and programs. */
    readonly reason: string,
    /** What can be told about it, for the job's result and its event. */
    readonly result: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/**
 * A handler's verdict that its job can go on when somebody has done something about it: the job is `paused` with this cause, and
 * goes on from where it is when it is resumed.
 */
export class JobPaused extends Error {
  override readonly name = 'JobPaused';
  constructor(
    /** A stable word for people and programs. */
    readonly reason: string,
    /** What can be told about it; stands where the result will stand. */
    readonly facts: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** A row that is not of our making: nobody does what it says. */
export class ForgedJob extends Error {
  override readonly name = 'ForgedJob';
}

/** The job is somebody else's now: it was paused, cancelled or taken by another worker. Nothing of this batch is committed. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
