// Signs in to Keyhold as the AWS identity of this process and prints the session as JSON. Nothing is sent to AWS from here:
// what AWS would be asked is signed, and the signature shown.
//
//     KEYHOLD_URL=https://keyhold.example.com KEYHOLD_WORKSPACE_ID=… KEYHOLD_AUDIENCE='keyhold.example.com;…' \
//     AWS_REGION=us-east-2 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_SESSION_TOKEN=… node sign-in-with-aws.mjs
import { createHash, createHmac } from 'node:crypto';

const { KEYHOLD_URL, KEYHOLD_WORKSPACE_ID, KEYHOLD_AUDIENCE, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } =
  process.env;
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** What Keyhold is shown: Signature Version 4 over GetCallerIdentity, with the audience among the signed headers. */
function signedIdentity() {
  const amzDate = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = [
    ['host', `sts.${AWS_REGION}.amazonaws.com`],
    ['x-amz-date', amzDate],
    ...(AWS_SESSION_TOKEN ? [['x-amz-security-token', AWS_SESSION_TOKEN]] : []),
    ['x-keyhold-audience', KEYHOLD_AUDIENCE],
  ];
  const names = headers.map(([name]) => name).join(';');
  const request = ['POST', '/', '', ...headers.map(([name, value]) => `${name}:${value}`), '', names, sha256(BODY)].join('\n');
  const scope = [amzDate.slice(0, 8), AWS_REGION, 'sts', 'aws4_request'];
  const key = scope.reduce(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', amzDate, scope.join('/'), sha256(request)].join('\n')).toString('hex');
  return {
    region: AWS_REGION,
    amzDate,
    authorization: `AWS4-HMAC-SHA256 Credential=${[AWS_ACCESS_KEY_ID, ...scope].join('/')}, SignedHeaders=${names}, Signature=${signature}`,
    ...(AWS_SESSION_TOKEN && { securityToken: AWS_SESSION_TOKEN }),
  };
}

const response = await fetch(`${KEYHOLD_URL}/v1/auth/aws`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ workspaceId: KEYHOLD_WORKSPACE_ID, ...signedIdentity() }),
});
console.log(JSON.stringify(await response.json()));
if (!response.ok) process.exitCode = 1;
