import { type DynamicModule, Module } from '@nestjs/common';
import { AlertSettingsController } from './alerts/alert-settings.controller.js';
import { DeliveriesController } from './alerts/deliveries.controller.js';
import { WebhooksController } from './alerts/webhooks.controller.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { AuditEventsController } from './audit-events/audit-events.controller.js';
import { identityProviders } from './identity-providers/providers.js';
import { BoxAccessController } from './boxes/box-access.controller.js';
import { BoxesController } from './boxes/boxes.controller.js';
import { GrantsController } from './boxes/grants.controller.js';
import type { Settings } from './config/read-settings.js';
import { awsSignInParts } from './aws-sign-in/aws-sign-in-parts.js';
import { AwsSignInController } from './aws-sign-in/aws-sign-in.controller.js';
import { StsIdentityController } from './cerberus/sts-identity.controller.js';
import { DatabaseShutdown } from './database-shutdown.js';
import { DocsController } from './docs/docs.controller.js';
import { DocsFiles } from './docs/docs-files.js';
import { features } from './features.js';
import { foundation } from './foundation.js';
import { Closing } from './health/closing.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { IdentityProvidersController } from './identity-providers/identity-providers.controller.js';
import { ItemsController } from './items/items.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { MetricsLife } from './metrics-life.js';
import { NodeLife } from './node-life.js';
import { GroupsController } from './members/groups.controller.js';
import { MembersController } from './members/members.controller.js';
import { MovingController } from './moving/moving.controller.js';
import { SealedDataController } from './sealed-data/sealed-data.controller.js';
import { AuthenticatorController } from './sessions/authenticator.controller.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { OpenSetupController } from './onboarding/open-setup.controller.js';
import { SetupFilesController } from './onboarding/setup-files.controller.js';
import { SetupLinksController } from './onboarding/setup-links.controller.js';
import { SetupPageController } from './onboarding/setup-page.controller.js';
import { SetupPageFiles } from './onboarding/setup-page-files.js';
import { SetupProposalsController } from './onboarding/setup-proposals.controller.js';
import { InvitationsController } from './sign-in/invitations.controller.js';
import { SignInController } from './sign-in/sign-in.controller.js';
import { ConfirmWithOidcController } from './sign-in/confirm-with-oidc.controller.js';
import { OidcSignInController } from './sign-in/oidc-sign-in.controller.js';
import { DeletedVaultsController } from './vaults/deleted-vaults.controller.js';
import { DrillsController } from './vaults/drills.controller.js';
import { PurgesController } from './vaults/purges.controller.js';
import { VaultStatusController } from './vaults/vault-status.controller.js';
import { VaultHealthController } from './vaults/vault-health.controller.js';
import { VaultsController } from './vaults/vaults.controller.js';
import { WorkspacesController } from './workspaces/workspaces.controller.js';

const metricsAddress = ({ config: { metricsPort: port, metricsHost: host } }: Settings) => ({ port, host });

/** The list of rooms. */
@Module({})
export class AppModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        WorkspacesController,
        MembersController,
        GroupsController,
        InvitationsController,
        SignInController,
        SessionController,
        SessionsController,
        AuthenticatorController,
        ApiKeysController,
        SetupLinksController,
        SetupProposalsController,
        SetupFilesController,
        OpenSetupController,
        SetupPageController,
        VaultsController,
        DeletedVaultsController,
        VaultStatusController,
        PurgesController,
        DrillsController,
        VaultHealthController,
        BoxesController,
        GrantsController,
        BoxAccessController,
        ItemsController,
        MovingController,
        IdentityProvidersController,
        OidcSignInController,
        ConfirmWithOidcController,
        SealedDataController,
        JobsController,
        WebhooksController,
        DeliveriesController,
        AlertSettingsController,
        AuditEventsController,
        AwsSignInController,
        StsIdentityController,
        HealthController,
        DocsController,
      ],
      providers: [
        ...foundation(settings),
        ...features(settings),
        ...identityProviders(settings),
        ...awsSignInParts(settings),
        DocsFiles,
        SetupPageFiles,
        Closing,
        Readiness,
        NodeLife,
        { provide: MetricsLife, useFactory: () => new MetricsLife(metricsAddress(settings)) },
        DatabaseShutdown,
      ],
    };
  }
}
