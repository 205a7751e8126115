import { AwsQueryError } from '../wire/aws-query.js';

/** Policies stand in IAM's answers percent-encoded as RFC 3986 wants it, which is a little more than encodeURIComponent does. */
export const encodePolicy = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

export const noSuchEntity = (what: string, name: string): AwsQueryError =>
  new AwsQueryError('NoSuchEntity', 404, `The ${what} with name ${name} cannot be found.`);

export const alreadyExists = (what: string, name: string): AwsQueryError =>
  new AwsQueryError('EntityAlreadyExists', 409, `${what} with name ${name} already exists.`);

export const deleteConflict = (first: string): AwsQueryError =>
  new AwsQueryError('DeleteConflict', 409, `Cannot delete entity, must delete ${first} first.`);

export const limitExceeded = (message: string): AwsQueryError => new AwsQueryError('LimitExceeded', 409, message);
