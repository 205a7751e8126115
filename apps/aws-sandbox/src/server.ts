import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { CONTROL_PREFIX, serveControl } from './control/control.js';
import { serveRequest, type Serving } from './serve-request.js';
import { BodyTooLarge, readBody } from './wire/read-body.js';

const CONNECTIONS_MAX = 2_000;
const LIMITS = {
  maxHeaderSize: 32 * 1024, // a session token alone takes about 1 KiB, a presigned one several
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000, // longer than the clients keep theirs, so that they close first
};

/** The sandbox's one port: AWS's protocols, and the control API under its prefix. */
export function sandboxServer(serving: Serving): Server {
  const server = createServer(LIMITS, (message, response) => {
    serve(serving, message, response).catch((error: unknown) => {
      console.error('a request could not be served:', error);
      response.destroy();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

async function serve(serving: Serving, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(message);
  if (body === 'gone') return;
  if (body === 'too large') {
    response.writeHead(413, { connection: 'close', 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'RequestEntityTooLargeException' }));
    return;
  }
  if (message.url?.startsWith(CONTROL_PREFIX)) return serveControl(serving, message, response, body);
  return serveRequest(serving, message, response, body);
}

async function bodyOf(message: IncomingMessage): Promise<Buffer | 'too large' | 'gone'> {
  try {
    return await readBody(message);
  } catch (error) {
    if (error instanceof BodyTooLarge) return 'too large';
    if (message.destroyed) return 'gone'; // the client left in the middle of its request
    throw error;
  }
}
