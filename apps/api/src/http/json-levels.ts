const [QUOTE, BACKSLASH] = [0x22, 0x5c];
/** Square and curly brackets differ in one bit. */
const CURLY_BIT = 0x20;
const [OPENING, CLOSING] = [0x7b, 0x7d];

/**
 * Whether the arrays and objects of a JSON text nest at most so deep. Looks at brackets only: JSON.parse builds every level before
 * anybody can count them, 16 million of them in seconds and hundreds of megabytes.
 */
export function isShallow(json: Uint8Array, levelsMax: number): boolean {
  let levels = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) at = endOfText(json, at);
    else if ((byte | CURLY_BIT) === OPENING) levels += 1;
    else if ((byte | CURLY_BIT) === CLOSING) levels -= 1;
    if (levels > levelsMax) return false;
  }
  return true;
}

/** Where the text that opens at `from` closes; the end of everything when it does not. */
function endOfText(json: Uint8Array, from: number): number {
  let at = from;
  do {
    at = json.indexOf(QUOTE, at + 1);
    if (at < 0) return json.length;
  } while (isEscaped(json, at));
  return at;
}

function isEscaped(json: Uint8Array, quote: number): boolean {
  let at = quote;
  while (json[at - 1] === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 1;
}
