import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';

/** The page of a link, read once. The build puts it next to this file. */
@Injectable()
export class SetupPageFiles {
  readonly page = read('page.html');
  readonly script = read('page.mjs');
  readonly style = read('page.css');
}

function read(name: string): Buffer {
  return readFileSync(new URL(`page/${name}`, import.meta.url));
}
