import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../http/access.js';
import { DOCS_CSP, DOCS_PAGE, DOCS_START } from './docs-page.js';
import { DocsFiles } from './docs-files.js';

const FOR_A_DAY = 'public, max-age=86400';

/** The API's description, for machines and for people. */
@ApiExcludeController()
@Controller('v1')
export class DocsController {
  constructor(private readonly files: DocsFiles) {}

  @Get('openapi.json')
  @Public()
  @Header('content-type', 'application/json; charset=utf-8')
  getDocument(): Buffer {
    return this.files.document;
  }

  @Get('docs')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DOCS_CSP)
  getPage(): string {
    return DOCS_PAGE;
  }

  @Get('docs/start.js')
  @Public()
  @Header('content-type', 'text/javascript; charset=utf-8')
  getStart(): string {
    return DOCS_START;
  }

  @Get('docs/page.js')
  @Public()
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', FOR_A_DAY)
  getScript(): Buffer {
    return this.files.script;
  }

  @Get('docs/page.css')
  @Public()
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', FOR_A_DAY)
  getStyle(): Buffer {
    return this.files.style;
  }
}
