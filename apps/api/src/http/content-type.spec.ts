import { describe, expect, test } from '@jest/globals';
import { isJsonType } from './content-type.js';

describe('a content type', () => {
  test.each(['application/json', 'Application/JSON', 'application/json;charset=utf-8', 'application/json; charset=UTF-8'])(
    '%j is JSON',
    (type) => {
      expect(isJsonType(type)).toBe(true);
    },
  );

  test.each([
    '',
    'application/json;',
    'application/json ',
    ' application/json',
    'application/json\t',
    'application/json\t; charset=utf-8',
    'application/json;\tcharset=utf-8',
    'application/json;  charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json; charset=utf-16',
    'application/json; charset="utf-8"',
    'application/json; charset=utf-8; a=b',
    'application/json, text/plain',
    'application/json; boundary=x',
    'application/problem+json',
    'application/jsonx',
    'text/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application/json\u0000',
    'application/json\n',
    'application/jſon',
  ])('%j is not', (type) => {
    expect(isJsonType(type)).toBe(false);
  });
});
