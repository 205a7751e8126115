/** Things that have been put where a part of an ARN or host name was expected. */
const INSERTIONS = [
  '@evil.example',
  '#evil',
  '?x=1',
  '/evil',
  '/../evil',
  '\\evil',
  '.evil.example',
  ':443',
  '%2eevil',
  '%00',
  '\0',
  '\n',
  '\r\nHost: evil',
  '\t',
  ' ',
  '\u00a0',
  '\u200b',
  '\u202e',
  '\ufeff',
  '*',
  '?',
  '${aws:userid}',
  '"',
  "'",
  '`',
  '<',
  '{{x}}',
  ';',
  ',',
  '|',
];

const around = (text: string): string[] =>
  INSERTIONS.flatMap((insertion) => [text + insertion, insertion + text, text.slice(0, 4) + insertion + text.slice(4)]);

export const hostileRegions: readonly string[] = [
  '',
  'us-east',
  'US-EAST-2',
  'us-east-2a',
  'us_east_2',
  'us-east-\u0662',
  'us\u2010east-2',
  'zz-nowhere-9',
  'us-gov-west-1',
  'us-iso-east-1',
  'cn-north-1',
  'eusc-de-east-1',
  'global',
  'local',
  'localhost',
  '127.0.0.1',
  '169.254.169.254',
  '[::1]',
  'us-east-1.evil',
  'constructor',
  '__proto__',
  '0',
  'us-east-2'.repeat(1000),
  ...around('us-east-2'),
];

const ACCOUNT = '111122223333';

export const hostileAccountIds: readonly string[] = [
  '',
  '11112222333',
  '1111222233333',
  '1111-2222-3333',
  '1111 2222 3333',
  '11112222333a',
  '0x1111222233',
  '+11112222333',
  '-11112222333',
  '1.1112222333',
  '1e1111111111',
  '\u0661\u0661\u0661\u0661\u0662\u0662\u0662\u0662\u0663\u0663\u0663\u0663',
  '\uff11\uff11\uff11\uff11\uff12\uff12\uff12\uff12\uff13\uff13\uff13\uff13',
  '169.254.169.254',
  '1'.repeat(100_000),
  ...around(ACCOUNT),
];

const KEY_ID = 'mrk-2e22d3121daf471f87bee0690fadeaee';

export const hostileKeyIds: readonly string[] = [
  '',
  'mrk-',
  KEY_ID.toUpperCase(),
  KEY_ID.replace('mrk-', 'MRK-'),
  KEY_ID.slice(0, -1),
  `${KEY_ID}0`,
  KEY_ID.replace('2', 'g'),
  KEY_ID.replace('2', '\u0662'),
  KEY_ID.replace('mrk-', ''),
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  'alias/acme',
  `arn:aws:kms:us-east-2:${ACCOUNT}:key/${KEY_ID}`,
  `arn:aws:kms:eu-west-1:999988887777:key/${KEY_ID}`,
  `mrk-${'a'.repeat(100_000)}`,
  ...around(KEY_ID),
];

const ROLE = `arn:aws:iam::${ACCOUNT}:role/Byok`;

export const hostileRoleArns: readonly string[] = [
  '',
  'Byok',
  'arn:aws:iam::role/Byok',
  `arn:aws:iam::${ACCOUNT}:role/`,
  `arn:aws:iam::${ACCOUNT}:role`,
  `arn:aws:iam::${ACCOUNT}:role//Byok`,
  `arn:aws:iam::${ACCOUNT}:role/path/`,
  `arn:aws:iam::${ACCOUNT}:role/Byok:x`,
  `arn:aws:iam::${ACCOUNT}:role/*`,
  `arn:aws:iam::${ACCOUNT}:role/${'a'.repeat(65)}`,
  `arn:aws:iam::${ACCOUNT}:role/${'a/'.repeat(256)}Byok`,
  `arn:aws:iam::${ACCOUNT}:role/${'a'.repeat(100_000)}`,
  `arn:aws:iam::${ACCOUNT}:user/Byok`,
  `arn:aws:iam::${ACCOUNT}:root`,
  `arn:aws:iam:us-east-2:${ACCOUNT}:role/Byok`,
  `arn:aws-cn:iam::${ACCOUNT}:role/Byok`,
  `arn:aws-us-gov:iam::${ACCOUNT}:role/Byok`,
  `arn:aws:sts::${ACCOUNT}:assumed-role/Byok/session`,
  `arn:aws:kms::${ACCOUNT}:role/Byok`,
  `ARN:AWS:IAM::${ACCOUNT}:ROLE/Byok`,
  `arn:aws:iam::${ACCOUNT}:role/B\u0443ok`,
  `arn:aws:iam::\u0661\u0661\u0661\u0661\u0662\u0662\u0662\u0662\u0663\u0663\u0663\u0663:role/Byok`,
  'https://evil.example/arn:aws:iam::111122223333:role/Byok',
  ...around(ROLE).filter((text) => !isLegalRoleArn(text)),
];

/** `@` and `,` may be part of a role's name, so that a few of the insertions leave a legal ARN. */
function isLegalRoleArn(text: string): boolean {
  return [`${ROLE}@evil.example`, `${ROLE}/evil`, `${ROLE}.evil.example`, `${ROLE},`].includes(text);
}
