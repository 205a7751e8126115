/** What an authenticated request tells about itself; `now` is the sandbox's clock in ms. */
export interface RequestFacts {
  /** of the credential scope */
  region: string;
  requestId: string;
  now: number;
  sourceIp: string;
  userAgent: string;
  host: string;
}
