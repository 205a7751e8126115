/**
 * What a browser is shown when it comes back from a provider. It goes on by itself, and it is this page that sends it: on a way that
 * another site began, also behind a redirect of our own, a browser does not send the cookie of a session (`SameSite=Strict`).
 *
 * @param path own path, checked when the browser left
 */
export function landingPage(path: string): string {
  const target = path.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=${target}">
<title>Keyhold</title>
<p><a href="${target}">Continue</a></p>
</html>
`;
}
