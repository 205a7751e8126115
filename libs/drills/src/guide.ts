import type { RevocationStep } from './revocation-course.js';

/** What to do now, and how. */
export interface Guide {
  text: string;
  /** To be run in the customer's account, by whoever may administer the key. */
  commands: string[];
}

/** The guide of each step; `keyArns` name the key in its two Regions. */
export function guideOf(step: RevocationStep, keyArns: readonly string[]): Guide | null {
  const guide = GUIDES[step];
  return guide && { text: guide.text, commands: guide.act ? keyArns.map((arn) => commandOf(guide.act ?? '', arn)) : [] };
}

const GUIDES: Record<RevocationStep, { text: string; act?: 'disable-key' | 'enable-key' } | null> = {
  waiting_for_disable: {
    text: 'Disable the key now, in both Regions: the replica does not follow the main key. Nothing is lost by it.',
    act: 'disable-key',
  },
  measuring: {
    text: 'The key is withdrawn. The drill unseals every second until that is refused: it takes as long as data keys may stay open.',
  },
  waiting_for_enable: {
    text: 'Nothing of this vault can be unsealed any more. Enable the key again, in both Regions.',
    act: 'enable-key',
  },
  recovering: {
    text: 'The key is enabled again. The service finds it out by itself at its next check of the key, or at once when you check the key.',
  },
  done: null,
};

function commandOf(act: string, keyArn: string): string {
  const [, , , region] = keyArn.split(':');
  return `aws kms ${act} --region ${region} --key-id ${keyArn}`;
}
