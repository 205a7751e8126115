// Writes test/vectors/*.json: one file per stored format, made by the built code. A released vector never changes, so a file
// that is there is left alone and told; a new format gets a new file. Needs `npm run build`.
import { Buffer } from 'node:buffer';
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { encodeWrapPlaintext, exportItem, KeyBytes, RootKey, sealBytes, sealItem, sealToken } from '#envelope';

const FOLDER = new URL('../test/vectors/', import.meta.url);
const PLAINTEXTS = [
  Buffer.alloc(0),
  Buffer.from('{"username":"ops","password":"correct horse"}'),
  Buffer.from('ключ 🔑'),
  randomBytes(1000),
];

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const hexFields = (object) => Object.fromEntries(Object.entries(object).map(([name, bytes]) => [name, hex(bytes)]));
const anItemBinding = (version) => ({
  workspaceId: randomUUID(),
  vaultId: randomUUID(),
  itemId: randomUUID(),
  version,
  dataKeyId: randomUUID(),
});
const aWrapContext = () => ({ workspaceId: randomUUID(), vaultId: randomUUID(), dataKeyId: randomUUID(), vaultKeyId: randomUUID() });

function itemCase(plaintext, index) {
  const dataKey = KeyBytes.random();
  const binding = anItemBinding([1, 2, 7, Number.MAX_SAFE_INTEGER][index]);
  return { dataKey: hex(dataKey.expose()), binding, plaintext: hex(plaintext), sealed: hexFields(sealItem(plaintext, dataKey, binding)) };
}

function tokenCase(plaintext, index) {
  const dataKey = KeyBytes.random();
  const context = ['a', 'orders/4711', 'Zoë "🔑"\n\u0000', 'x'.repeat(512)][index];
  const binding = { workspaceId: randomUUID(), vaultId: randomUUID(), dataKeyId: randomUUID(), context };
  return { dataKey: hex(dataKey.expose()), binding, plaintext: hex(plaintext), token: sealToken(plaintext, dataKey, binding) };
}

function wrapPlaintextCase() {
  const context = aWrapContext();
  const dataKey = KeyBytes.random();
  return { context, dataKey: hex(dataKey.expose()), wrapPlaintext: hex(encodeWrapPlaintext(context, dataKey)) };
}

function rootKeyCase() {
  const bytes = randomBytes(32);
  const rootKey = RootKey.fromBytes(bytes);
  const context = aWrapContext();
  const dataKey = KeyBytes.random();
  const wrapped = rootKey.wrapDataKey(context, dataKey);
  const subkeys = Object.fromEntries(['cursors', 'a-1'].map((purpose) => [purpose, hex(rootKey.subkey(purpose).expose())]));
  const mac = hex(rootKey.macDataKey(context, wrapped));
  return { rootKey: hex(bytes), context, dataKey: hex(dataKey.expose()), wrapped: hex(wrapped), mac, subkeys };
}

function sealedBytesCase(plaintext) {
  const key = KeyBytes.random();
  const aad = randomBytes(20);
  return { key: hex(key.expose()), aad: hex(aad), plaintext: hex(plaintext), sealed: hex(sealBytes(key, plaintext, aad)) };
}

function exportCase(plaintext, index) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
  const publicKeySpki = publicKey.export({ format: 'der', type: 'spki' });
  const dataKey = KeyBytes.random();
  const binding = anItemBinding(index + 1);
  const keyId = `arn:aws:kms:us-east-2:111122223333:key/mrk-${hex(randomBytes(16))}`;
  const jwe = exportItem(sealItem(plaintext, dataKey, binding), dataKey, binding, { publicKeySpki, keyId });
  const recipientPrivateKeyPkcs8 = hex(privateKey.export({ format: 'der', type: 'pkcs8' }));
  return { recipientPrivateKeyPkcs8, keyId, binding, plaintext: hex(plaintext), jwe };
}

const FORMATS = {
  'item-v1': () => PLAINTEXTS.map(itemCase),
  'token-v1': () => PLAINTEXTS.map(tokenCase),
  'wrap-plaintext-v1': () => [wrapPlaintextCase(), wrapPlaintextCase()],
  'root-key-v1': () => [rootKeyCase(), rootKeyCase()],
  'sealed-bytes-v1': () => PLAINTEXTS.map(sealedBytesCase),
  'item-export-v1': () => PLAINTEXTS.slice(0, 2).map(exportCase),
};

mkdirSync(FOLDER, { recursive: true });
for (const [format, makeCases] of Object.entries(FORMATS)) {
  const file = new URL(`${format}.json`, FOLDER);
  if (existsSync(file)) {
    console.log(`kept ${format}.json: a released vector never changes`);
    continue;
  }
  const note = 'Bytes are hexadecimal. The keys were made for this file and protect nothing.';
  writeFileSync(file, `${JSON.stringify({ format, note, cases: makeCases() }, undefined, 2)}\n`, { flag: 'wx' });
  console.log(`wrote ${format}.json`);
}
