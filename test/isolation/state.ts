/** Whose the id in one place of a request is, or what. */
export const STATES = ['own', 'foreign', 'absent', 'deleted', 'malformed'] as const;
export type State = (typeof STATES)[number];
