import { keyPolicy, permissionPolicy, trustPolicy } from '../policy-documents.js';
import { DESCRIPTIONS, INLINE_POLICY_NAME, KEY_TERMS, type SetupValues, setupName } from './setup-values.js';

const ACCOUNT_ROOT = reference('"arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"');
const KEY_ARNS = [reference('aws_kms_key.vault.arn'), reference('aws_kms_replica_key.vault.arn')];

/** One root module with a provider for each Region. Its outputs are what the service has to be told. */
export function terraformModule(values: SetupValues): string {
  const { main, replica } = values.regions;
  const policyOfKeys = document(keyPolicy({ accountRootArn: ACCOUNT_ROOT }));
  return `# Keyhold: a key in ${main} with its replica in ${replica}, and the role that lets Keyhold use it.
# Run \`terraform init\` and \`terraform apply\` with an administrator's credentials for the account that is to own the key.
# Then tell Keyhold the three outputs.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "name" {
  description = "Name of the role and of the key's alias. Another one for each key of this account."
  type        = string
  default     = ${quoted(setupName(values))}

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "1 to 64 letters, digits, underscores and hyphens."
  }
}

provider "aws" {
  alias  = "main"
  region = ${quoted(main)}
}

provider "aws" {
  alias  = "replica"
  region = ${quoted(replica)}
}

data "aws_caller_identity" "current" {
  provider = aws.main
}

resource "aws_kms_key" "vault" {
  provider                 = aws.main
  description              = ${quoted(DESCRIPTIONS.key)}
  customer_master_key_spec = ${quoted(KEY_TERMS.keySpec)}
  key_usage                = ${quoted(KEY_TERMS.keyUsage)}
  multi_region             = true
  deletion_window_in_days  = ${KEY_TERMS.deletionWindowDays}
  policy = jsonencode(${policyOfKeys})

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "main" {
  provider      = aws.main
  name          = "alias/\${var.name}"
  target_key_id = aws_kms_key.vault.key_id
}

resource "aws_kms_replica_key" "vault" {
  provider                = aws.replica
  description             = ${quoted(DESCRIPTIONS.key)}
  primary_key_arn         = aws_kms_key.vault.arn
  deletion_window_in_days = ${KEY_TERMS.deletionWindowDays}
  policy = jsonencode(${policyOfKeys})

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "replica" {
  provider      = aws.replica
  name          = "alias/\${var.name}"
  target_key_id = aws_kms_replica_key.vault.key_id
}

resource "aws_iam_role" "keyhold" {
  provider    = aws.main
  name        = var.name
  description = ${quoted(DESCRIPTIONS.role)}
  assume_role_policy = jsonencode(${document(trustPolicy(values))})
}

resource "aws_iam_role_policy" "keyhold" {
  provider = aws.main
  name     = ${quoted(INLINE_POLICY_NAME)}
  role     = aws_iam_role.keyhold.id
  policy = jsonencode(${document(permissionPolicy({ keyArns: KEY_ARNS }))})
}

output "account_id" {
  description = "Keyhold asks for it: AWS account ID"
  value       = data.aws_caller_identity.current.account_id
}

output "key_id" {
  description = "Keyhold asks for it: KMS key ID, the same in both Regions"
  value       = aws_kms_key.vault.key_id
}

output "role_arn" {
  description = "Keyhold asks for it: ARN of the role"
  value       = aws_iam_role.keyhold.arn
}
`;
}

interface Reference {
  readonly expression: string;
}

/** Something that Terraform works out. */
function reference(expression: string): Reference {
  return { expression };
}

const isReference = (value: object): value is Reference => 'expression' in value;

/** A policy as an HCL value, two levels deep in its place. */
function document(value: object): string {
  return hcl(value, '  ');
}

function hcl(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return quoted(String(value));
  if (isReference(value)) return value.expression;
  const inner = `${indent}  `;
  if (Array.isArray(value)) return `[\n${value.map((entry) => `${inner}${hcl(entry, inner)},\n`).join('')}${indent}]`;
  const fields = Object.entries(value).map(([name, field]) => ({ name: quoted(name), text: hcl(field, inner) }));
  return `{\n${aligned(fields)
    .map((line) => `${inner}${line}\n`)
    .join('')}${indent}}`;
}

interface Field {
  readonly name: string;
  readonly text: string;
}

/** As `terraform fmt` writes them: neighbours of one line each have their equals signs below each other. */
function aligned(fields: readonly Field[]): string[] {
  return fields.map(({ name, text }, at) => {
    const neighbours = isOneLine(text) ? runAround(fields, at) : [];
    return `${name.padEnd(Math.max(0, ...neighbours.map((field) => field.name.length)))} = ${text}`;
  });
}

function runAround(fields: readonly Field[], at: number): readonly Field[] {
  const start = fields.findLastIndex(({ text }, index) => index < at && !isOneLine(text)) + 1;
  const end = fields.findIndex(({ text }, index) => index > at && !isOneLine(text));
  return fields.slice(start, end < 0 ? undefined : end);
}

const isOneLine = (text: string): boolean => !text.includes('\n');

/** Nothing in it is a template. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}
