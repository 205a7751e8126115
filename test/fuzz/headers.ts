/** In the order in which they are written; the same name may stand twice. */
export type Headers = readonly (readonly [name: string, value: string])[];

export const bearer = (token: string): Headers => [['authorization', `Bearer ${token}`]];
