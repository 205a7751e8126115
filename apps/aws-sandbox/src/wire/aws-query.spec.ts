import { describe, expect, it } from '@jest/globals';
import { AwsQueryError, queryAnswer, queryErrorAnswer, wantsJson } from './aws-query.js';

describe('a query API’s answer', () => {
  it('is XML in the service’s namespace, escaped, with lists as members', () => {
    const result = { Name: `<a & "b">`, Missing: undefined, Names: ['x', 'y'], Nested: { Count: 2 } };
    expect(queryAnswer('sts', 'Do', result, 'r-1', false)).toEqual({
      contentType: 'text/xml',
      body:
        '<DoResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><DoResult><Name>&lt;a &amp; &quot;b&quot;&gt;</Name>' +
        '<Names><member>x</member><member>y</member></Names><Nested><Count>2</Count></Nested></DoResult>' +
        '<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DoResponse>',
    });
  });

  it('has no result element where the operation has no result', () => {
    expect(queryAnswer('iam', 'Do', undefined, 'r-1', false).body).toBe(
      '<DoResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></DoResponse>',
    );
  });

  it('is JSON for whoever accepts that from STS; IAM has XML only', () => {
    expect(wantsJson('sts', 'application/json')).toBe(true);
    expect(wantsJson('iam', 'application/json')).toBe(false);
    expect(wantsJson('sts', '*/*')).toBe(false);
    expect(queryAnswer('sts', 'Do', { A: '1' }, 'r-1', true).body).toBe(
      '{"DoResponse":{"DoResult":{"A":"1"},"ResponseMetadata":{"RequestId":"r-1"}}}',
    );
  });

  it('tells in either form who is to blame for an error', () => {
    const throttled = new AwsQueryError('Throttling', 400, 'Rate exceeded');
    expect(queryErrorAnswer('sts', throttled, 'r-1', true).body).toBe(
      '{"Error":{"Code":"Throttling","Message":"Rate exceeded","Type":"Sender"},"RequestId":"r-1"}',
    );
    expect(queryErrorAnswer('sts', new AwsQueryError('InternalFailure', 500, ''), 'r-1', false).body).toContain('<Type>Receiver</Type>');
  });
});
