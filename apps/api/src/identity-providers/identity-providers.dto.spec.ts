import { describe, expect, test } from '@jest/globals';
import 'reflect-metadata';
import { StrictValidation } from '../http/strict-validation.js';
import { CreateIdentityProviderDto } from './identity-providers.dto.js';

describe('a new identity provider', () => {
  const order = { name: 'Acme login', issuer: 'https://login.acme.example', clientId: 'keyhold' };
  const parsed = (body: object) => new StrictValidation().transform(body, { type: 'body', metatype: CreateIdentityProviderDto });

  test('needs a name, an issuer and a client', async () => {
    expect(await parsed(order)).toMatchObject(order);
  });

  test.each(['name', 'issuer', 'clientId'])('is refused without %s', async (field) => {
    await expect(parsed({ ...order, [field]: undefined })).rejects.toMatchObject({ facts: { errors: [{ field }] } });
    await expect(parsed({ ...order, [field]: null })).rejects.toMatchObject({ facts: { errors: [{ field }] } });
  });
});
