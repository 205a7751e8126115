import { NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { Authenticator } from '#access';
import { KeyUses } from '#api-keys';
import { Database } from '#database';
import { RootKey } from '#envelope';
import { TokenGuesses } from '#limits';
import { workspaceIdForCreation } from '#workspaces';
import { AppModule } from './app.module.js';
import type { Settings } from './config/read-settings.js';
import { Closing } from './health/closing.js';
import { contentRefusal } from './http/content-refusal.js';
import { createAdapter } from './http/create-adapter.js';
import { Guard } from './http/guard.js';
import { hangUp } from './http/hang-up.js';
import { noteKeyUse } from './http/note-key-use.js';
import { openRequest } from './http/open-request.js';
import { LimitRequests } from './http/limit-requests.js';
import { measureRequests } from './http/measure-requests.js';
import { ProblemFilter } from './http/problem.filter.js';
import { Refusals } from './http/refusals.js';
import { Replay } from './http/replay.js';
import { logRequests } from './http/request-log.js';
import { RouteRegister } from './http/route-register.js';
import { StrictValidation } from './http/strict-validation.js';
import { goOnInTrace, openTrace } from './http/trace-requests.js';
import { NestLog } from './log/nest-log.js';
import { MetricsLife } from './metrics-life.js';
import { requestLimits } from './request-limits.js';

/** The whole service, ready to listen. Throws when a route does not say whom it lets in. */
export async function createApp(settings: Settings, log: Logger): Promise<NestFastifyApplication> {
  const adapter = createAdapter({ log, trustedProxyHops: settings.config.trustedProxyHops });
  const routes = new RouteRegister();
  adapter.getInstance().addHook('onRoute', routes.onRoute);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(settings), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(log),
  });
  handleRequests(app, adapter, guardOf(app, settings, log), log);
  app.useGlobalPipes(new StrictValidation());
  app.useGlobalFilters(new ProblemFilter(log, new Refusals(app.get(Database))));
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  await app.init();
  routes.assertDeclared();
  return app;
}

function guardOf(app: NestFastifyApplication, { config }: Settings, log: Logger): Guard {
  const [database, rootKey] = [app.get(Database), app.get(RootKey)];
  const workspaceIds = rootKey.subkey('workspace-ids');
  const limits = new LimitRequests(requestLimits(config, { database, rootKey, log }));
  return new Guard(app.get(Authenticator), app.get(TokenGuesses), limits, (principalId, key) =>
    workspaceIdForCreation(workspaceIds, principalId, key),
  );
}

/** What happens to every request, in this order, before its handler is asked. */
function handleRequests(app: NestFastifyApplication, adapter: FastifyAdapter, guard: Guard, log: Logger): void {
  const server = adapter.getInstance();
  const closing = app.get(Closing);
  adapter.setOnRequestHook(openRequest(closing));
  server.addHook('onRequest', openTrace);
  server.addHook('onRequest', (request, reply) => guard.admit(request, reply));
  server.addHook('onRequest', (request, _reply, done) => done(contentRefusal(request)));
  server.addHook('preValidation', goOnInTrace);
  server.addHook('preHandler', new Replay(app.get(Database)).hook);
  server.addHook('onSend', hangUp(closing));
  server.addHook('onResponse', noteKeyUse(app.get(KeyUses)));
  server.addHook('onResponse', measureRequests(app.get(MetricsLife).metrics));
  server.addHook('onResponse', logRequests(log));
}
