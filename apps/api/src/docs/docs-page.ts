/** Everything comes from this server; the page works without any other. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Keyhold API</title>
    <link rel="stylesheet" href="/v1/docs/page.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <main id="api"></main>
    <script src="/v1/docs/page.js"></script>
    <script src="/v1/docs/start.js"></script>
  </body>
</html>
`;

/** Tokens that are typed into the page stay in its memory: they are not kept in the browser. */
export const DOCS_START = `SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayOperationId: true,
  persistAuthorization: false,
  validatorUrl: null,
});
`;

/** Scripts and styles of this server only, nothing inline, no eval; nobody may frame the page. */
export const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
