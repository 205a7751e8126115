import { Controller, Header, HttpCode, HttpStatus, Inject, Post, Req } from '@nestjs/common';
import { ApiDefaultResponse, ApiHeader, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { SESSION_SECONDS } from '#access';
import { AwsRefusal, type AwsSignedIn, AwsSignIn } from '#sign-in';
import { claimedWorkspace } from '../aws-sign-in/read-aws-sign-in.js';
import { type HttpSource, Source } from '../http/source.js';
import { AsCerberus } from './as-cerberus.js';
import { CerberusError } from './cerberus-error.js';
import { workspaceOfHost } from './cerberus-place.js';
import { signedHeaders } from './signed-headers.js';
import { CerberusErrors, CerberusLogin } from './sts-identity.dto.js';

/** Where workspaces have a host each; undefined where they have none. */
export abstract class WorkspaceHosts {
  abstract readonly suffix: string | undefined;
}

/** Sign-in for unmodified clients of Cerberus: what Cerberus promises them, and nothing that it lets through besides. */
@ApiTags('Cerberus')
@ApiHeader({ name: 'x-amz-date', required: true, description: 'Of the signed request; so is `Authorization`.' })
@ApiHeader({ name: 'x-amz-security-token', required: false })
@ApiDefaultResponse({ type: CerberusErrors, description: 'A failure, by the codes of Cerberus.' })
@Controller()
export class StsIdentityController {
  constructor(
    private readonly awsSignIn: AwsSignIn,
    @Inject(WorkspaceHosts) private readonly hosts: WorkspaceHosts,
  ) {}

  /** Signs in to the workspace in the path. The body is ignored. */
  @Post('cerberus/:place/v2/auth/sts-identity')
  @HttpCode(HttpStatus.OK)
  @AsCerberus()
  @Header('x-refresh-token', 'false')
  @ApiParam({ name: 'place', description: 'Id of the workspace.' })
  @ApiOperation({ operationId: 'cerberusStsIdentity' })
  byPath(@Req() request: FastifyRequest<{ Params: { place: string } }>, @Source() source: HttpSource): Promise<CerberusLogin> {
    return this.#signIn(request, source, request.params.place);
  }

  /** Signs in to the workspace whose host was asked. The body is ignored. */
  @Post('v2/auth/sts-identity')
  @HttpCode(HttpStatus.OK)
  @AsCerberus()
  @Header('x-refresh-token', 'false')
  @ApiOperation({ operationId: 'cerberusStsIdentityByHost' })
  byHost(@Req() request: FastifyRequest, @Source() source: HttpSource): Promise<CerberusLogin> {
    const place = workspaceOfHost(request.headers.host, this.hosts.suffix);
    if (place === undefined) throw new CerberusError('bad_request');
    return this.#signIn(request, source, place);
  }

  async #signIn(request: FastifyRequest, source: HttpSource, place: string): Promise<CerberusLogin> {
    const signed = signedHeaders(request);
    try {
      const signedIn = await this.awsSignIn.run({ door: 'cerberus', workspaceId: claimedWorkspace(place), signed, source });
      return loginView(signedIn);
    } catch (error) {
      throw !signed && error instanceof AwsRefusal ? new CerberusError('headers_missing') : error;
    }
  }
}

function loginView({ token, caller: { arn } }: AwsSignedIn): CerberusLogin {
  return {
    client_token: token,
    policies: [],
    metadata: {
      username: arn,
      is_iam_principal: 'true',
      is_admin: 'false',
      groups: 'registered-iam-principals',
      aws_iam_principal_arn: arn,
      iam_principal_arn: arn,
    },
    lease_duration: SESSION_SECONDS.aws,
    renewable: false,
  };
}
