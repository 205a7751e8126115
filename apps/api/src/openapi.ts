// Writes the description of the API: node dist/apps/api/src/openapi.js FILE. Needs no settings and no database, only the
// compiled controllers: the compiler's plugin put their comments and types into them.
import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { Config } from './config/config.js';
import type { Settings } from './config/read-settings.js';

const DESCRIPTION = `Vaults whose keys the customers keep in their own AWS KMS.

Authenticate with a token, once: as \`Authorization: Bearer …\` or as \`X-API-Key\`. The workspace in the path must be that of the token.
Bodies are \`application/json\` in UTF-8; fields that are not described are refused. Every failure is a problem after RFC 9457, with a
stable \`code\` and the \`requestId\` that is also in the log, the audit trail and the \`X-Request-Id\` header. Lists are
\`{ data, nextCursor }\`. Writes take an \`Idempotency-Key\`. What a workspace may ask and what is left of it stands in \`RateLimit-Policy\` and
\`RateLimit\`; beyond that the answer is 429 with \`Retry-After\`.`;

const head = new DocumentBuilder()
  .setOpenAPIVersion('3.1.0')
  .setTitle('Keyhold')
  .setVersion('1')
  .setDescription(DESCRIPTION)
  .addBearerAuth({ type: 'http', scheme: 'bearer', description: "The operator's token, or one of a workspace." }, 'token')
  .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same token in another header.' }, 'apiKey')
  .build();

/** Only the shape of the service is asked for, and nothing that would need settings is made. */
const NO_SETTINGS: Settings = {
  config: new Config(),
  secrets: { databaseUrl: '', rootKey: Buffer.alloc(0), operatorTokenSha256: Buffer.alloc(0) },
};

async function describe(): Promise<OpenAPIObject> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(NO_SETTINGS), new FastifyAdapter(), {
    preview: true,
    abortOnError: false,
    logger: ['error'],
  });
  return SwaggerModule.createDocument(app, head, { operationIdFactory: (_controller, method) => method });
}

writeFileSync(process.argv[2] ?? 'openapi.json', `${JSON.stringify(await describe(), null, 2)}\n`);
