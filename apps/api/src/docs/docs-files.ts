import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';

/** Made by the build from the compiled controllers. */
const DOCUMENT = new URL('../../../../openapi.json', import.meta.url);

/** What the documentation is made of, read once. */
@Injectable()
export class DocsFiles {
  readonly document = read(fileURLToPath(DOCUMENT));
  readonly script = read(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')));
  readonly style = read(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));
}

const read = (path: string): Buffer => readFileSync(path);
