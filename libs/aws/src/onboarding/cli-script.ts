import { keyPolicy, permissionPolicy, trustPolicy } from '../policy-documents.js';
import { DESCRIPTIONS, INLINE_POLICY_NAME, KEY_TERMS, type SetupValues, setupName } from './setup-values.js';

/**
 * A script for the AWS command line. What is there already is taken as it is when it can serve, so that it can be run again; the
 * three values are all that it writes to its standard output.
 */
export function cliScript(values: SetupValues): string {
  const { main, replica } = values.regions;
  const { keySpec, keyUsage } = KEY_TERMS;
  return `#!/usr/bin/env bash
# Keyhold: a key in ${main} with its replica in ${replica}, and the role that lets Keyhold use it.
# Needs bash and the AWS command line, version 2, with an administrator's credentials for the account that is to own the key.
# It can be run again: what is there already is not made twice. It deletes nothing, and changes no role but its own.
# Another key in the same account needs another name: KEYHOLD_NAME=... bash THIS_FILE
set -euo pipefail
export AWS_PAGER=''

name=\${KEYHOLD_NAME:-${setupName(values)}}
main_region=${quoted(main)}
replica_region=${quoted(replica)}
trust_policy=${quoted(JSON.stringify(trustPolicy(values)))}

say() { printf '%s\\n' "$*" >&2; }
die() { say "$*"; exit 1; }

[[ $name =~ ^[A-Za-z0-9_-]{1,64}$ ]] || die 'KEYHOLD_NAME must be 1 to 64 letters, digits, underscores and hyphens.'
command -v aws >/dev/null || die 'The AWS command line is not installed.'

complaint=$(mktemp)
trap 'rm -f "$complaint"' EXIT

# Prints what the command prints, and nothing when AWS says that there is no such thing. Every other failure is one.
find_out() {
  "$@" 2>"$complaint" && return
  grep -Eq '\\((NotFoundException|NoSuchEntity)\\)' "$complaint" && return
  cat "$complaint" >&2
  return 1
}

# Nothing when there is no replica.
replica_state() {
  find_out aws kms describe-key --region "$replica_region" --key-id "$key_id" --query KeyMetadata.KeyState --output text
}

account_id=$(aws sts get-caller-identity --region "$main_region" --query Account --output text)
[[ $account_id =~ ^[0-9]{12}$ ]] || die 'AWS did not tell which account this is.'

# What cannot be done is found out before anything is made.
role_description=${quoted(DESCRIPTIONS.role)}
role=$(find_out aws iam get-role --region "$main_region" --role-name "$name" --query 'Role.[Arn, Description]' --output text)
[[ -z $role || $role == *$'\\t'"$role_description" ]] \\
  || die "There is another role $name, which this script did not make. Choose another KEYHOLD_NAME."

key_policy=${withVariables(keyPolicy({ accountRootArn: 'arn:aws:iam::$account_id:root' }))}
key_description=${quoted(DESCRIPTIONS.key)}
key_id=$(find_out aws kms describe-key --region "$main_region" --key-id "alias/$name" --query KeyMetadata.KeyId --output text)
if [[ -z $key_id ]]; then
  key_id=$(aws kms create-key --region "$main_region" --multi-region --key-spec ${keySpec} --key-usage ${keyUsage} \\
    --description "$key_description" --policy "$key_policy" --query KeyMetadata.KeyId --output text)
  say "Made the key $key_id in $main_region."
  # At once: by its alias the key is found when this is run again.
  aws kms create-alias --region "$main_region" --alias-name "alias/$name" --target-key-id "$key_id"
fi

facts=$(aws kms describe-key --region "$main_region" --key-id "$key_id" --output text \\
  --query 'KeyMetadata.[KeySpec, KeyUsage, KeyState, MultiRegionConfiguration.MultiRegionKeyType]')
[[ $facts == $'${keySpec}\\t${keyUsage}\\tEnabled\\tPRIMARY' ]] \\
  || die "alias/$name must be an enabled multi-Region ${keySpec} key for ${keyUsage}, with its primary in $main_region. It is: $facts"

state=$(replica_state)
if [[ -z $state ]]; then
  aws kms replicate-key --region "$main_region" --key-id "$key_id" --replica-region "$replica_region" \\
    --description "$key_description" --policy "$key_policy" >/dev/null
  say "Made its replica in $replica_region."
  state=$(replica_state)
fi
# A new replica cannot be used at once.
for ((tries = 0; tries < 60; tries++)); do
  [[ $state == Creating || -z $state ]] || break
  sleep 5
  state=$(replica_state)
done
[[ $state == Enabled ]] || die "The key $key_id must be enabled in $replica_region. It is: $state"

named=$(find_out aws kms describe-key --region "$replica_region" --key-id "alias/$name" --query KeyMetadata.KeyId --output text)
[[ -z $named || $named == "$key_id" ]] || die "alias/$name is another key's in $replica_region. Choose another KEYHOLD_NAME."
[[ -n $named ]] || aws kms create-alias --region "$replica_region" --alias-name "alias/$name" --target-key-id "$key_id"

permission_policy=${withVariables(permissionPolicy({ keyArns: Object.values(KEY_ARNS) }))}
if [[ -z $role ]]; then
  role=$(aws iam create-role --region "$main_region" --role-name "$name" --description "$role_description" \\
    --assume-role-policy-document "$trust_policy" --query Role.Arn --output text)
  say "Made the role $role."
else
  aws iam update-assume-role-policy --region "$main_region" --role-name "$name" --policy-document "$trust_policy"
fi
aws iam put-role-policy --region "$main_region" --role-name "$name" \\
  --policy-name ${INLINE_POLICY_NAME} --policy-document "$permission_policy"

say 'All is there. Tell Keyhold these three values:'
printf 'AWS account ID: %s\\nKMS key ID: %s\\nAWS role ARN: %s\\n' "$account_id" "$key_id" "\${role%%$'\\t'*}"
`;
}

const KEY_ARNS = {
  main: 'arn:aws:kms:$main_region:$account_id:key/$key_id',
  replica: 'arn:aws:kms:$replica_region:$account_id:key/$key_id',
} as const;

/** Of the shell: these, and no other, are put in. */
const VARIABLES = /\$(?:account_id|key_id|main_region|replica_region)\b/g;

function withVariables(policy: object): string {
  return quoted(JSON.stringify(policy)).replaceAll(VARIABLES, (variable) => `'"${variable}"'`);
}

/** One word for a shell, in which nothing means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
