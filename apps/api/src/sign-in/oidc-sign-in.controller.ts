import { Controller, Get, Header, HttpCode, HttpStatus, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BeginOidc, FinishOidc, IdentityProviderError, SignInProviders } from '#sign-in';
import { Public } from '../http/access.js';
import { setSessionCookie } from '../http/session-cookie.js';
import { type HttpSource, Source } from '../http/source.js';
import { ReturnProviderId, isId } from '../input/id-param.js';
import { clearFlowCookie, flowCookieOf, setFlowCookie } from './flow-cookie.js';
import { landingPage } from './landing-page.js';
import { BeginOidcQuery, SignInProviderList, SignInProvidersQuery } from './oidc-sign-in.dto.js';

/** Of what a provider sends back; it may send more. */
const AnswerQuery = (name: string, description: string): MethodDecorator =>
  ApiQuery({ name, description, required: false, schema: { type: 'string' } });

@ApiTags('Sign-in')
@Controller('v1/sign-in')
export class OidcSignInController {
  constructor(
    private readonly providers: SignInProviders,
    private readonly beginOidc: BeginOidc,
    private readonly finishOidc: FinishOidc,
  ) {}

  /** With what people can sign in besides a password. A workspace that is not there has none. */
  @Get('providers')
  @Public()
  @ApiOperation({ operationId: 'listSignInProviders' })
  async list(@Query() { workspaceId }: SignInProvidersQuery): Promise<SignInProviderList> {
    return { data: isId(workspaceId) ? await this.providers.of(workspaceId) : [] };
  }

  /** Sends the browser to the identity provider. */
  @Get('oidc/start')
  @HttpCode(HttpStatus.FOUND)
  @Public()
  @ApiOperation({ operationId: 'startOidcSignIn' })
  @ApiResponse({ status: HttpStatus.FOUND, description: 'To the identity provider.' })
  async start(
    @Query() { workspaceId, providerId, returnTo = '/' }: BeginOidcQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!isId(workspaceId) || !isId(providerId)) throw new IdentityProviderError('identity_provider_not_found');
    const { location, sealedFlow } = await this.beginOidc.run({ workspaceId, providerId, returnTo });
    setFlowCookie(reply, sealedFlow);
    void reply.header('location', location);
  }

  /**
   * Where the identity provider sends the browser back to. Opens a session and goes on to `returnTo`; whatever is wrong, the answer
   * is the same.
   */
  @Get('oidc/callback/:providerId')
  @Header('content-type', 'text/html; charset=utf-8')
  @Public()
  @ApiParam({ name: 'providerId' })
  @AnswerQuery('code', 'Stands for who signed in.')
  @AnswerQuery('state', 'As it was sent.')
  @AnswerQuery('iss', 'Which provider answers.')
  @AnswerQuery('error', 'Why there is no code.')
  @ApiOperation({ operationId: 'finishOidcSignIn' })
  @ApiOkResponse({ description: 'A page that goes on.', content: { 'text/html': { schema: { type: 'string' } } } })
  async finish(
    @Source() source: HttpSource,
    @ReturnProviderId() providerId: string,
    @Req() { raw }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const sealedFlow = flowCookieOf(raw);
    clearFlowCookie(reply); // whatever comes of it: a flow ends here
    const { returnTo, signedIn } = await this.finishOidc.run(source, { providerId, search: searchOf(raw.url), sealedFlow });
    if (signedIn) setSessionCookie(reply, signedIn.token, signedIn.expiresAt);
    return landingPage(returnTo);
  }
}

function searchOf(target = ''): string {
  const at = target.indexOf('?');
  return at < 0 ? '' : target.slice(at);
}
