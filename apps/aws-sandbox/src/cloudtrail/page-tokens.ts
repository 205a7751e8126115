import { createHash } from 'node:crypto';
import { AwsJsonError } from '../wire/aws-json.js';

export interface PageTokens {
  write(lastEventId: string): string;
  /** @throws AwsJsonError InvalidNextTokenException */
  read(token: string): string;
}

/** Tokens that are good for one lookup only: the same account, Region and conditions. */
export function pageTokens(accountId: string, region: string, conditions: object): PageTokens {
  const lookup = createHash('sha256')
    .update(JSON.stringify([accountId, region, conditions]))
    .digest('base64url');
  return {
    write: (lastEventId) => Buffer.from(`${lookup}.${lastEventId}`).toString('base64url'),
    read(token) {
      const [madeFor, lastEventId] = Buffer.from(token, 'base64url').toString('utf8').split('.');
      if (madeFor === lookup && lastEventId !== undefined) return lastEventId;
      throw new AwsJsonError('InvalidNextTokenException', 'The token belongs to another lookup.');
    },
  };
}
