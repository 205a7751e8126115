import { Signal } from '#telemetry';

/** Each job that this process has brought to an end. */
export const jobEnds = new Signal<{ kind: string; state: 'completed' | 'failed' }>();
