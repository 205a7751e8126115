/** Exactly these; a parser that guesses is how bodies get past validation. */
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

export const isJsonType = (contentType: string): boolean => JSON_TYPE.test(contentType);
