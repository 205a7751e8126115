// Loaded into the service before its own code (`--import`): writes every route that its router was given to ROUTES_FILE, also
// those that stand in no document.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';

subscribe('fastify.initialization', ({ fastify }) => {
  const routes = [];
  fastify.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push(`${one} ${url}`);
  });
  fastify.addHook('onListen', (done) => {
    writeFileSync(process.env.ROUTES_FILE, JSON.stringify(routes));
    done();
  });
});
