import type { Provider } from '@nestjs/common';
import { RowMacs } from '#access';
import { Database } from '#database';
import { KeyStrategyCatalog } from '#key-strategies';
import { CreateSetupLink, DiscardProposal, OpenSetupLink, ProposalRows, ProposeKey, RevokeSetupLink } from '#onboarding';
import { publicUrlOf } from '../config/config.js';
import type { Settings } from '../config/read-settings.js';
import { madeOf } from '../made-of.js';
import { SETUP_PAGE } from './setup-page.controller.js';

/** The use cases of links for the customer's AWS administrators. */
export function onboardingFeatures({ config }: Settings): Provider[] {
  return [
    madeOf(ProposalRows, RowMacs),
    {
      provide: CreateSetupLink,
      inject: [Database, RowMacs],
      useFactory: (database: Database, macs: RowMacs) => new CreateSetupLink(database, macs, `${publicUrlOf(config)}/${SETUP_PAGE}`),
    },
    madeOf(RevokeSetupLink, Database),
    madeOf(OpenSetupLink, Database),
    madeOf(ProposeKey, Database, KeyStrategyCatalog, ProposalRows),
    madeOf(DiscardProposal, Database, ProposalRows),
  ];
}
