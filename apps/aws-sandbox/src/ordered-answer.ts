import { type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type FaultEffect } from './faults.js';

const FILL_CHUNK = Buffer.alloc(64 * 1024, ' ');

/** Sends exactly what a fault ordered; a client that has had enough ends it. */
export async function sendOrdered(
  response: ServerResponse,
  { status = 200, contentType, location, gzip, ...order }: FaultEffect,
): Promise<void> {
  response.writeHead(status, {
    'content-type': contentType ?? 'application/json',
    ...(location !== undefined && { location }),
    ...(gzip === true && { 'content-encoding': 'gzip' }),
  });
  const source = Readable.from(content(order));
  const sent = gzip === true ? pipeline(source, createGzip(), response) : pipeline(source, response);
  await sent.catch((error: unknown) => {
    if (!response.destroyed) throw error;
  });
}

function* content({ body = '', fillBytes = 0 }: Pick<FaultEffect, 'body' | 'fillBytes'>): Generator<Buffer> {
  yield Buffer.from(body);
  for (let left = fillBytes; left > 0; left -= FILL_CHUNK.length) yield FILL_CHUNK.subarray(0, left);
}
