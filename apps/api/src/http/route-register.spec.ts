import 'reflect-metadata';
import { Controller, Delete, Get, HttpCode, Module, Post, Put } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { RouteOptions } from 'fastify';
import { pino } from 'pino';
import { Public, Requires } from './access.js';
import { createAdapter } from './create-adapter.js';
import { Idempotent } from './idempotent.js';
import { RouteRegister } from './route-register.js';
import { BODY_BYTES_MAX, TakesBody } from './takes-body.js';

@Controller()
class DeclaredController {
  @Get('open')
  @Public()
  open(): void {
    // only its declaration counts
  }

  @Post('v1/workspaces/:workspaceId/things')
  @Requires('item:seal')
  @Idempotent()
  @TakesBody('batch')
  make(): void {
    // likewise
  }

  @Put('v1/workspaces/:workspaceId/things')
  @TakesBody('item')
  @Idempotent()
  @Requires('item:seal')
  change(): void {
    // likewise
  }

  @HttpCode(204)
  @Delete('v1/workspaces/:workspaceId/things')
  @Requires('item:delete')
  @Idempotent()
  remove(): void {
    // likewise
  }
}

@Controller()
class BareController {
  @Get('bare')
  bare(): void {
    // declares nothing
  }

  @Get('v1/workspaces/:workspaceId/open')
  @Public()
  openInAWorkspace(): void {
    // a workspace's things are nobody else's
  }

  @Get('v1/items')
  @Requires('item:read')
  outsideOfAWorkspace(): void {
    // an action in a workspace, and no workspace
  }
}

@Module({ controllers: [DeclaredController] })
class Declared {}

@Module({ controllers: [DeclaredController, BareController] })
class Bare {}

describe('the register of routes', () => {
  let app: NestFastifyApplication | undefined;
  afterEach(() => app?.close());

  async function serve(module: object): Promise<{ register: RouteRegister; routes: RouteOptions[] }> {
    const adapter = createAdapter({ log: pino({ level: 'silent' }), trustedProxyHops: 0 });
    const register = new RouteRegister();
    const routes: RouteOptions[] = [];
    adapter.getInstance().addHook('onRoute', register.onRoute);
    adapter.getInstance().addHook('onRoute', (route: RouteOptions) => {
      routes.push(route);
    });
    app = await NestFactory.create<NestFastifyApplication>(module as never, adapter, { bodyParser: false, logger: false });
    if (module === Bare) adapter.getInstance().get('/raw', () => 'of Fastify itself');
    await app.init();
    return { register, routes };
  }

  test('lets a server start whose routes all say whom they let in', async () => {
    const { register } = await serve(Declared);
    expect(() => register.assertDeclared()).not.toThrow();
  });

  test('names every route that does not, also those that Nest does not know, and the HEAD of each GET', async () => {
    const { register } = await serve(Bare);
    const message = caught(() => register.assertDeclared());
    expect(message.split('\n').slice(1).sort()).toEqual([
      'GET /bare declares neither @Public() nor @Requires(…)',
      'GET /raw declares neither @Public() nor @Requires(…)',
      'GET /v1/items requires item:read, which does not suit its path',
      'GET /v1/workspaces/:workspaceId/open is public and belongs to a workspace',
      'HEAD /bare declares neither @Public() nor @Requires(…)',
      'HEAD /raw declares neither @Public() nor @Requires(…)',
      'HEAD /v1/items requires item:read, which does not suit its path',
      'HEAD /v1/workspaces/:workspaceId/open is public and belongs to a workspace',
    ]);
  });

  test('gives every route its bound and the status of its success, in whatever order it was declared', async () => {
    const { routes } = await serve(Declared);
    const found = routes.map(({ method, url, bodyLimit, config }) => [method, url, bodyLimit, config?.successStatus]);
    const things = '/v1/workspaces/:workspaceId/things';
    expect(found).toEqual(
      expect.arrayContaining([
        ['GET', '/open', BODY_BYTES_MAX.small, 200],
        ['POST', things, BODY_BYTES_MAX.batch, 201],
        ['PUT', things, BODY_BYTES_MAX.item, 200],
        ['DELETE', things, BODY_BYTES_MAX.small, 204],
      ]),
    );
  });
});

function caught(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('nothing was thrown');
}
