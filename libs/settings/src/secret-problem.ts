/** A sentence about a secret; never its value. */
export class SecretProblem extends Error {
  override readonly name = 'SecretProblem';
}
