/** A policy that is refused when it is saved; `message` is what AWS would say, or names what the sandbox does not support. */
export class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicy';
}

/** Never ignored, always refused: a policy means here what it means at AWS, or it is not saved. */
export const unsupported = (what: string): MalformedPolicy => new MalformedPolicy(`The sandbox does not support ${what}.`);
