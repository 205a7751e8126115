import { type KeyBytes, type RootKey, EnvelopeError, openBytes, sealBytes } from '#envelope';

/** Seconds from leaving for the provider to coming back. */
export const FLOW_SECONDS = 600;

/** The session whose person shows again who they are. */
export interface SessionToConfirm {
  sessionId: string;
  memberId: string;
  /** SHA-256 of its token, base64: what a node remembers it by. */
  tokenDigest: string;
}

/** One way to a provider and back. Known to the browser that went, which cannot read it, and to nobody else. */
export interface OidcFlow {
  workspaceId: string;
  providerId: string;
  state: string;
  nonce: string;
  codeVerifier: string;
  /** Own path where the person wanted to go. */
  returnTo: string;
  /** Milliseconds. */
  startedAt: number;
  confirms?: SessionToConfirm;
}

const BINDING = Buffer.from('keyhold/oidc-flow/1');

/** Flows as a browser keeps them: sealed, so that nothing is stored here for people who never come back. */
export class OidcFlows {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('oidc-flows');
  }

  seal(flow: OidcFlow): string {
    return sealBytes(this.#key, Buffer.from(JSON.stringify(flow)), BINDING).toString('base64url');
  }

  /** Undefined for what is none of ours, or too old. */
  open(sealed: string): OidcFlow | undefined {
    const flow = this.#opened(Buffer.from(sealed, 'base64url'));
    return flow && Date.now() - flow.startedAt < FLOW_SECONDS * 1000 ? flow : undefined;
  }

  #opened(sealed: Buffer): OidcFlow | undefined {
    try {
      return JSON.parse(openBytes(this.#key, sealed, BINDING).toString()) as OidcFlow;
    } catch (error) {
      if (error instanceof EnvelopeError) return undefined;
      throw error;
    }
  }
}
