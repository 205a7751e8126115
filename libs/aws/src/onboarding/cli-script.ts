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

# state_of REGION: of the key there; nothing when there is none.
state_of() { find_out aws kms describe-key --region "$1" --key-id "$key_id" --query KeyMetadata.KeyState --output text; }

# Waits until the key can be used in REGION: a new replica is not at once.
wait_for_key() {
  local tries state
  for ((tries = 0; tries < 60; tries++)); do
    state=$(state_of "$1")
    case $state in
      Enabled) return ;;
      Creating | '') sleep 5 ;;
      *) die "The key $key_id is $state in $1. It must be enabled there." ;;
    esac
  done
  die "The key $key_id could not be used in $1 after 5 minutes. Run this again later."
}

# name_key REGION: gives the key its alias there.
name_key() {
  local target
  target=$(find_out aws kms describe-key --region "$1" --key-id "alias/$name" --query KeyMetadata.KeyId --output text)
  [[ -z $target || $target == "$key_id" ]] || die "alias/$name is another key's in $1. Choose another KEYHOLD_NAME."
  [[ -n $target ]] || aws kms create-alias --region "$1" --alias-name "alias/$name" --target-key-id "$key_id"
}

account_id=$(aws sts get-caller-identity --region "$main_region" --query Account --output text)
[[ $account_id =~ ^[0-9]{12}$ ]] || die 'AWS did not tell which account this is.'
key_policy=${withVariables(keyPolicy({ accountRootArn: 'arn:aws:iam::$account_id:root' }))}

key_id=$(find_out aws kms describe-key --region "$main_region" --key-id "alias/$name" --query KeyMetadata.KeyId --output text)
if [[ -z $key_id ]]; then
  key_id=$(aws kms create-key --region "$main_region" --multi-region --key-spec ${keySpec} --key-usage ${keyUsage} \\
    --description ${quoted(DESCRIPTIONS.key)} --policy "$key_policy" \\
    --query KeyMetadata.KeyId --output text)
  say "Made the key $key_id in $main_region."
fi
# Not after a failure: without its alias a key would not be found again.
name_key "$main_region"

terms=$(aws kms describe-key --region "$main_region" --key-id "$key_id" --output text \\
  --query 'KeyMetadata.[KeySpec, KeyUsage, MultiRegionConfiguration.MultiRegionKeyType]')
[[ $terms == ${keySpec}[[:space:]]${keyUsage}[[:space:]]PRIMARY ]] \\
  || die "The key alias/$name must be the primary key of a multi-Region ${keySpec} key for ${keyUsage}. It is: $terms"
wait_for_key "$main_region"

replica_state=$(state_of "$replica_region")
if [[ -z $replica_state ]]; then
  aws kms replicate-key --region "$main_region" --key-id "$key_id" --replica-region "$replica_region" \\
    --description ${quoted(DESCRIPTIONS.key)} --policy "$key_policy" >/dev/null
  say "Made its replica in $replica_region."
fi
wait_for_key "$replica_region"
name_key "$replica_region"

permission_policy=${withVariables(permissionPolicy({ keyArns: Object.values(KEY_ARNS) }))}
role_description=${quoted(DESCRIPTIONS.role)}
role_arn=$(find_out aws iam get-role --region "$main_region" --role-name "$name" --query Role.Arn --output text)
if [[ -z $role_arn ]]; then
  role_arn=$(aws iam create-role --region "$main_region" --role-name "$name" --description "$role_description" \\
    --assume-role-policy-document "$trust_policy" --query Role.Arn --output text)
  say "Made the role $role_arn."
else
  found=$(aws iam get-role --region "$main_region" --role-name "$name" --query Role.Description --output text)
  [[ $found == "$role_description" ]] || die "There is another role $name, which this script did not make. Choose another KEYHOLD_NAME."
  aws iam update-assume-role-policy --region "$main_region" --role-name "$name" --policy-document "$trust_policy"
fi
aws iam put-role-policy --region "$main_region" --role-name "$name" \\
  --policy-name ${INLINE_POLICY_NAME} --policy-document "$permission_policy"

say 'All is there. Tell Keyhold these three values:'
printf 'AWS account ID: %s\\nKMS key ID: %s\\nAWS role ARN: %s\\n' "$account_id" "$key_id" "$role_arn"
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
