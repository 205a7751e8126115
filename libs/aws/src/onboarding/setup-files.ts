import { cliScript } from './cli-script.js';
import { mainTemplate, replicaTemplate } from './cloudformation.js';
import type { SetupValues } from './setup-values.js';
import { terraformModule } from './terraform.js';

export type { SetupValues } from './setup-values.js';

interface SetupFileKind {
  /** Behind `keyhold-`; a template says the Region that it belongs into. */
  readonly nameOf: (values: SetupValues) => string;
  readonly mediaType: string;
  readonly text: (values: SetupValues) => string;
}

/** What administrators of an AWS account can be given: each way of these makes the same key and the same role. */
export const SETUP_FILES = {
  cloudformation: {
    nameOf: ({ regions }) => `1-${regions.main}.template.json`,
    mediaType: 'application/json',
    text: mainTemplate,
  },
  'cloudformation-replica': {
    nameOf: ({ regions }) => `2-${regions.replica}.template.json`,
    mediaType: 'application/json',
    text: replicaTemplate,
  },
  terraform: { nameOf: () => 'vault-key.tf', mediaType: 'text/plain', text: terraformModule },
  cli: { nameOf: () => 'aws-setup.sh', mediaType: 'text/x-shellscript', text: cliScript },
} as const satisfies Record<string, SetupFileKind>;
export type SetupFileName = keyof typeof SETUP_FILES;

export interface SetupFile {
  /** To be saved as. */
  readonly fileName: string;
  /** Without a charset; the text is UTF-8. */
  readonly mediaType: string;
  readonly text: string;
}

/** The same values give the same text. */
export function setupFile(name: SetupFileName, values: SetupValues): SetupFile {
  const { nameOf, mediaType, text } = SETUP_FILES[name];
  return { fileName: `keyhold-${nameOf(values)}`, mediaType, text: text(values) };
}
