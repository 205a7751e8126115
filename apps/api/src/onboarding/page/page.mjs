// The page of a set-up link. The token stands behind `#`, is sent in a header alone, and is kept nowhere.
const API = '/v1/aws-setup';
const KEY_ARN = /^arn:aws:kms:[a-z0-9-]+:([0-9]{12}):key\/(mrk-[0-9a-f]{32})$/;
const ROLE_ARN = /^arn:aws:iam::([0-9]{12}):role\//;
const ACCOUNT_ID = /^[0-9]{12}$/;
const KEY_ID = /^mrk-[0-9a-f]{32}$/;

const token = location.hash.slice(1);
const at = (id) => document.getElementById(id);
const [accountId, keyId, roleArn] = ['account-id', 'key-id', 'role-arn'].map(at);

async function ask(path, order = {}) {
  const headers = { authorization: `Bearer ${token}`, ...(order.body && { 'content-type': 'application/json' }) };
  // Without cookies: somebody who is signed in here as well would come with two credentials.
  const response = await fetch(path, { ...order, headers, credentials: 'omit', cache: 'no-store' });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.remedy ?? explained(answer));
  return answer;
}

const explained = ({ status, title, detail = '' }) =>
  status === 401 ? 'This link is not valid. It has expired, was revoked, or is not complete: ask for a new one.' : `${title}. ${detail}`;

const tell = (id, text, isWrong = false) => {
  at(id).textContent = text;
  at(id).hidden = text === '';
  at(id).classList.toggle('wrong', isWrong);
};

function save({ fileName, mediaType, text }) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: mediaType }));
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}

function show(setup) {
  const { regions, key } = setup;
  const texts = {
    workspace: setup.workspaceName ?? 'a Keyhold workspace',
    key: `${key.keySpec}, ${key.keyUsage}, multi-Region`,
    'main-region': regions.main,
    'first-region': regions.main,
    'replica-region': regions.replica,
    'second-region': regions.replica,
    principal: setup.principalArn,
    'external-id': setup.externalId,
    'trust-policy': JSON.stringify(setup.trustPolicy, null, 2),
    expires: new Date(setup.expiresAt).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' }),
  };
  for (const [id, text] of Object.entries(texts)) at(id).textContent = text;
  for (const file of setup.files) {
    at(`show-${file.name}`).textContent = file.text;
    at(`save-${file.name}`).addEventListener('click', () => save(file));
  }
  at('form').addEventListener('input', () => fill(setup.permissionPolicy));
  at('form').addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  fill(setup.permissionPolicy);
  if (setup.proposalsLeft === 0) close('As many values were sent through this link as it takes. Ask for a new one if they are to change.');
}

/** ARNs say more than was asked for; what is complete stands in the policy as well. */
function fill(permissionPolicy) {
  const [, keyAccount, keyOfArn] = KEY_ARN.exec(keyId.value.trim()) ?? [];
  if (keyOfArn) keyId.value = keyOfArn;
  const account = keyAccount ?? ROLE_ARN.exec(roleArn.value.trim())?.[1];
  if (account && accountId.value.trim() === '') accountId.value = account;
  const isComplete = ACCOUNT_ID.test(accountId.value.trim()) && KEY_ID.test(keyId.value.trim());
  const policy = JSON.stringify(permissionPolicy, null, 2);
  at('permission-policy').textContent = isComplete
    ? policy.replaceAll('<ACCOUNT_ID>', accountId.value.trim()).replaceAll('<KEY_ID>', keyId.value.trim())
    : policy;
  at('policy-hint').hidden = isComplete;
}

async function send() {
  const values = { accountId: accountId.value.trim(), keyId: keyId.value.trim(), roleArn: roleArn.value.trim() };
  if (Object.values(values).includes('')) return tell('outcome', 'All three values are needed.', true);
  at('send').disabled = true;
  try {
    await ask(`${API}/proposals`, { method: 'POST', body: JSON.stringify(values) });
    close('Sent. Whoever gave you this link sees the values now, and registers the key.');
  } catch (error) {
    at('send').disabled = false;
    tell('outcome', error.message, true);
  }
}

function close(text) {
  for (const element of [accountId, keyId, roleArn, at('send')]) element.disabled = true;
  tell('outcome', text);
}

try {
  const setup = await ask(API);
  show(setup);
  at('content').hidden = false;
  tell('notice', '');
} catch (error) {
  tell('notice', error.message, true);
}
