/** A bucket that holds `burst` units and gets `perSecond` back every second. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface Granted {
  /** Units that may be used, at most as many as were asked for, whole. */
  granted: number;
  /** What the bucket still holds. */
  left: number;
}

/** The buckets of workspaces, of one unit. */
export interface Buckets {
  /** Takes up to `asked` units out of the workspace's bucket. */
  draw(workspaceId: string, asked: number): Promise<Granted>;
}

/** Milliseconds that only ever go forward: no clock that anybody sets. */
export type Clock = () => number;
