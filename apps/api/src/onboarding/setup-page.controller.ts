import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/access.js';
import { SetupPageFiles } from './setup-page-files.js';

/** Where a link leads. */
export const SETUP_PAGE = 'aws-setup';

/** Everything comes from this server, nothing stands inline; the page sends no form and is in nobody's frame. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A page for who holds a link. It is the same for everybody: the token stands behind `#`, which no browser sends. */
@ApiExcludeController()
@Controller(SETUP_PAGE)
export class SetupPageController {
  constructor(private readonly files: SetupPageFiles) {}

  @Get()
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', CSP)
  getPage(): Buffer {
    return this.files.page;
  }

  @Get('page.mjs')
  @Public()
  @Header('content-type', 'text/javascript; charset=utf-8')
  getScript(): Buffer {
    return this.files.script;
  }

  @Get('page.css')
  @Public()
  @Header('content-type', 'text/css; charset=utf-8')
  getStyle(): Buffer {
    return this.files.style;
  }
}
