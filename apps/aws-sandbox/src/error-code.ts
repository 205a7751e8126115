/** Whether this is Node's error of that code (`ENOENT`, `EEXIST`). Not by class: each realm has its own Error. */
export const hasErrorCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
