import { randomUUID } from 'node:crypto';
import { type Trail } from '../cloudtrail/trail.js';
import { isoSeconds } from '../clock.js';
import { type Key } from './key.js';

const KMS = 'kms.amazonaws.com';
const WITHIN_AWS = 'AWS Internal';

/** What KMS does to a key by itself: no request, no caller. `at` in ms. */
export function recordServiceEvent(
  trail: Trail,
  eventName: 'DeleteKey' | 'SynchronizeMultiRegionKey',
  { family, own, arn }: Key,
  at: number,
): void {
  const eventId = randomUUID();
  const { accountId, keyId } = family;
  const record = {
    eventVersion: '1.11',
    userIdentity: { accountId, invokedBy: WITHIN_AWS },
    eventTime: isoSeconds(at),
    eventSource: KMS,
    eventName,
    awsRegion: own.region,
    sourceIPAddress: WITHIN_AWS,
    userAgent: WITHIN_AWS,
    requestParameters: null,
    responseElements: null,
    eventID: eventId,
    readOnly: false,
    resources: [{ accountId, type: 'AWS::KMS::Key', ARN: arn }],
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: accountId,
    serviceEventDetails: { keyId },
    eventCategory: 'Management',
  };
  trail.record({
    accountId,
    region: own.region,
    eventId,
    eventName,
    eventSource: KMS,
    eventTime: at,
    readOnly: false,
    resources: [{ type: 'AWS::KMS::Key', name: arn }],
    record: JSON.stringify(record),
  });
}
